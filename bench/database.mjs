// The MongoDB of a run, and how many commands it has been given.
import mongoose from 'mongoose';
import { start } from '../tools/mongo-server.mjs';

const COUNTED = ['find', 'insert', 'update', 'delete', 'findAndModify', 'aggregate', 'getMore', 'bulkWrite'];

export async function startDatabase() {
  const server = await start({ failpoints: false, log: (line) => console.error(line) });
  const client = new mongoose.mongo.MongoClient(server.uri);
  const used = new Set();
  return {
    version: server.version,
    kind: server.kind,
    client,

    /** The address of a database that is empty, and is dropped at the end. */
    async database(name) {
      if (!used.has(name)) await client.db(name).dropDatabase();
      used.add(name);
      const url = new URL(server.uri);
      url.pathname = `/${name}`;
      return url.href;
    },

    /** Where a proxy leads to. */
    async primary() {
      const { primary, me } = await client.db('admin').command({ hello: 1 });
      const [, host, port] = /^(.*):(\d+)$/.exec(primary ?? me ?? client.options.hosts[0].toString());
      return { host, port: Number(port) };
    },

    /** Counted by the server: to listen to each of them would slow the driver down. */
    async commands() {
      const { metrics } = await client.db('admin').command({ serverStatus: 1, repl: 0, locks: 0, wiredTiger: 0 });
      return Object.fromEntries(COUNTED.map((name) => [name, Number(metrics.commands[name]?.total ?? 0)]));
    },

    /** Has everything written to disk now, lest it be done while something is measured. */
    async flush() {
      await client.db('admin').command({ fsync: 1 });
    },

    async stop() {
      try {
        for (const name of used) await client.db(name).dropDatabase();
        await client.close();
      } finally {
        await server.stop();
      }
    },
  };
}
