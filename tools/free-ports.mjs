// Ports for servers that are stopped and started again. They are below those that systems give to outgoing connections and to
// `listen(0)` (Linux: from 32768 on), so nobody takes them in between.
import { once } from 'node:events';
import { createServer } from 'node:net';

const FIRST = 10_000;
const LAST = 32_767;
/** Some are taken, by servers that listen there for good. */
const ATTEMPTS = 100;

/** So many free ports of 127.0.0.1, each another one. */
export async function freePorts(count) {
  const servers = [];
  try {
    for (let attempt = 0; servers.length < count; attempt++) {
      try {
        servers.push(await listen(FIRST + Math.floor(Math.random() * (LAST - FIRST))));
      } catch (error) {
        if (attempt === ATTEMPTS) throw error;
      }
    }
    return servers.map((server) => server.address().port);
  } finally {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

async function listen(port) {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
