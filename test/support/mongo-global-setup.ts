// One MongoDB for the whole test run. Test files reach it with testDatabase() of mongo.ts.
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { TestProject } from 'vitest/node';
import { start, type MongoKind } from '../../tools/mongo-server.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    mongo: {
      uri: string;
      version: string;
      kind: MongoKind;
      failpoints: boolean;
      /** The port where a worker waits for its turn to set a failpoint. */
      turnPort: number;
    };
  }
}

export default async function setup(project: TestProject) {
  const server = await start();
  const turns = await openTurns();
  const { uri, version, kind, failpoints } = server;
  project.provide('mongo', { uri, version, kind, failpoints, turnPort: turns.port });
  return async () => {
    turns.close();
    await server.stop();
  };
}

/**
 * A server has one failCommand failpoint, and several workers want it. Here they take turns: whoever connects is sent
 * one byte when it is its turn, and keeps the turn until its connection closes - also by the death of a worker.
 */
async function openTurns() {
  const queue: Socket[] = [];
  const server = createServer((socket) => {
    queue.push(socket);
    if (queue[0] === socket) socket.write('1');
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      const wasFirst = queue[0] === socket;
      queue.splice(queue.indexOf(socket), 1);
      if (wasFirst) queue[0]?.write('1');
    });
  });
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of queue) socket.destroy();
    },
  };
}
