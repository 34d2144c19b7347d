import { once } from 'node:events';
import { connect } from 'node:net';
import { leakScan } from '../../../support/leak-scan/leak-scan.js';

export interface PlainReply {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Sends requests down one connection, all at once, and returns the answers in their order. Their bodies must be short. */
export async function pipeline(origin: string, path: string, cookies: readonly string[]): Promise<PlainReply[]> {
  const { hostname, port } = new URL(origin);
  const socket = connect({ host: hostname, port: Number(port) });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  for (const [index, cookie] of cookies.entries()) {
    const connection = index === cookies.length - 1 ? 'close' : 'keep-alive';
    socket.write(
      bytesOf(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: ${connection}\r\nCookie: ${cookie}\r\n\r\n`),
    );
  }
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

function bytesOf(text: string): Buffer {
  return Buffer.from(text, /[^\0-\xff]/.test(text) ? 'utf8' : 'latin1');
}
