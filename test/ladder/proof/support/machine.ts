import { cpus, loadavg, totalmem } from 'node:os';
import type { MongoServer } from '../../../../tools/mongo-server.mjs';

/** On what it was measured, as far as it matters to the numbers. */
export function machine({ kind, version }: Pick<MongoServer, 'kind' | 'version'>) {
  return {
    date: new Date().toISOString().slice(0, 10),
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    load: Math.round(loadavg()[1]!),
    system: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    mongodb: version,
    server: kind,
  };
}
