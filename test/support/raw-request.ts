import { once } from 'node:events';
import { connect } from 'node:net';
import { leakScan } from './leak-scan/leak-scan.js';

export interface RawReply {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Sends these bytes down one connection, all at once, and returns the answers, whose bodies must be short, in their order. */
export async function rawRequests(origin: string, requests: readonly Buffer[]): Promise<RawReply[]> {
  const { hostname, port } = new URL(origin);
  const socket = connect({ host: hostname, port: Number(port) });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  for (const bytes of requests) socket.write(bytes);
  await once(socket, 'close');
  const answers = Buffer.concat(chunks)
    .toString('latin1')
    .split(/(?=HTTP\/1\.1 \d{3} )/);
  return answers.map((answer) => {
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    leakScan()?.saw('body', 'of a raw socket', body);
    return { status: Number(head.slice(9, 12)), head, body };
  });
}

/** Sends these bytes and returns the answer. */
export async function rawRequest(origin: string, bytes: Buffer): Promise<RawReply> {
  return (await rawRequests(origin, [bytes]))[0]!;
}

/** A GET with these header lines, whatever is in them. */
export function getWith(path: string, ...lines: string[]): Buffer {
  return getOn('close', path, ...lines);
}

/** The same on a connection that goes on, or ends with it. */
export function getOn(connection: 'close' | 'keep-alive', path: string, ...lines: string[]): Buffer {
  const text = [`GET ${path} HTTP/1.1`, 'Host: localhost', `Connection: ${connection}`, ...lines, '', ''].join('\r\n');
  return Buffer.from(text, /[^\0-\xff]/.test(text) ? 'utf8' : 'latin1');
}
