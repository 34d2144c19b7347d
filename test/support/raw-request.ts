import { once } from 'node:events';
import { connect } from 'node:net';
import { leakScan } from './leak-scan/leak-scan.js';

/** Sends these bytes and returns all that comes back until the server ends the connection. */
export async function rawRequest(
  origin: string,
  bytes: Buffer,
): Promise<{ status: number; head: string; body: string }> {
  const { hostname, port } = new URL(origin);
  const socket = connect({ host: hostname, port: Number(port) });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write(bytes);
  await once(socket, 'close');
  const [head = '', body = ''] = Buffer.concat(chunks).toString('latin1').split('\r\n\r\n');
  leakScan()?.saw('body', 'of a raw socket', body);
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]), head, body };
}

/** A GET with these header lines, whatever is in them. */
export function getWith(path: string, ...lines: string[]): Buffer {
  const text = [`GET ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...lines, '', ''].join('\r\n');
  return Buffer.from(text, /[^\0-\xff]/.test(text) ? 'utf8' : 'latin1');
}
