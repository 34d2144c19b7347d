// Talks to the started servers until they are a replica set that takes writes. Everything is polled against a deadline.
import { createConnection } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import mongoose from 'mongoose';

const { MongoClient } = mongoose.mongo;

/** Calls `attempt` until it gives something, `check` throws (the server has died), or the deadline passes. */
async function until(what, { deadline, check }, attempt) {
  let reason = 'no answer';
  for (;;) {
    check();
    try {
      const value = await attempt();
      if (value) return value;
    } catch (error) {
      reason = error.message;
    }
    if (Date.now() > deadline) throw new Error(`MongoDB: ${what} did not happen in time (${reason})`);
    await delay(20);
  }
}

// The driver waits half a second after a refused connection; a plain socket can ask again at once.
function listens(port) {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true)).once('error', reject);
    socket.once('connect', () => socket.destroy());
  });
}

async function withAdmin(uri, work) {
  // Options here win over the address, and a given address may well say how long to wait.
  const patience = uri.includes('serverSelectionTimeoutMS=') ? {} : { serverSelectionTimeoutMS: 10_000 };
  const client = new MongoClient(uri, { ...patience, appName: 'mongo-server' });
  try {
    return await work(client.db('admin'));
  } finally {
    await client.close();
  }
}

const direct = (port) => `mongodb://127.0.0.1:${port}/?directConnection=true`;

/** Makes one replica set of these fresh servers and returns when it has a primary and every other one follows. */
export async function initiate(name, ports, { durable, ...wait }) {
  await Promise.all(ports.map((port) => until(`listening on port ${port}`, wait, () => listens(port))));
  await withAdmin(direct(ports[0]), (admin) =>
    admin.command({
      replSetInitiate: {
        _id: name,
        members: ports.map((port, index) => ({ _id: index, host: `127.0.0.1:${port}` })),
        // A majority write then waits for memory only: quicker, and nobody misses these data after a crash.
        writeConcernMajorityJournalDefault: durable,
        settings: { electionTimeoutMillis: 1_000, heartbeatIntervalMillis: 200 },
      },
    }),
  );
  await Promise.all(ports.map((port) => ready(port, wait)));
  await until('the election of a primary', wait, () => isComplete(ports));
}

// The primary learns by heartbeat that a member follows, and counts it for a majority only then: it has the last word.
async function isComplete(ports) {
  const views = await Promise.all(
    ports.map((port) => withAdmin(direct(port), (admin) => admin.command({ replSetGetStatus: 1 }))),
  );
  const primary = views.find((view) => view.myState === 1);
  return primary?.members.every((member) => member.stateStr === (member.self ? 'PRIMARY' : 'SECONDARY'));
}

/** Returns when the server on this port is the primary, or a secondary that can be read. */
export async function ready(port, wait, { primary = false } = {}) {
  await until(`listening on port ${port}`, wait, () => listens(port));
  await withAdmin(direct(port), (admin) =>
    until(`member ${port} taking part in its replica set`, wait, async () => {
      const state = await admin.command({ hello: 1 });
      return state.isWritablePrimary || (!primary && state.secondary);
    }),
  );
}

/** What a running server is: its version, and whether tests may set failpoints in it. */
export function describe(uri) {
  return withAdmin(uri, async (admin) => {
    const { version } = await admin.command({ buildInfo: 1 });
    // Only looked at: on a server that others use too, setting it would end theirs.
    const failpoints = await admin.command({ getParameter: 1, 'failpoint.failCommand': 1 }).then(
      () => true,
      () => false,
    );
    return { version, failpoints };
  });
}
