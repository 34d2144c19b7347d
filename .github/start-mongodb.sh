#!/usr/bin/env bash
# Starts an official server image as a replica set of one on port 27017, and returns when it takes writes.
#   .github/start-mongodb.sh mongo:8
set -euo pipefail
readonly image=$1 name=mongodb deadline=$((SECONDS + 120))

docker run --detach --name "$name" --publish 127.0.0.1:27017:27017 "$image" \
  --replSet rs0 --bind_ip_all --setParameter enableTestCommands=1 --setParameter ttlMonitorSleepSecs=1

# Asks until the answer is yes: a step that succeeds says so by its exit status.
until_ok() {
  until docker exec "$name" mongosh --quiet --eval "$1" >/dev/null 2>&1; do
    if ((SECONDS > deadline)); then
      echo "MongoDB ($image) was not ready in time: $1" >&2
      docker logs --tail 50 "$name" >&2
      exit 1
    fi
    sleep 0.5
  done
}

until_ok 'db.adminCommand({ ping: 1 })'
until_ok 'try { rs.status() } catch { rs.initiate({ _id: "rs0", members: [{ _id: 0, host: "127.0.0.1:27017" }] }) }'
until_ok 'if (!db.hello().isWritablePrimary) quit(1)'
docker exec "$name" mongosh --quiet --eval 'print("MongoDB", db.version())'
