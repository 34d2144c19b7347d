import { arch, cpus, loadavg, platform, totalmem } from 'node:os';

/** Where numbers come from. */
export function machineOf(server, node) {
  return {
    date: new Date().toISOString().slice(0, 10),
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${arch()}`,
    node: node.version,
    mongodb: server.version,
    server: server.kind,
    load: loadavg()[0],
  };
}
