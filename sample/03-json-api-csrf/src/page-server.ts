import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const TYPES = { 'index.html': 'text/html; charset=utf-8', 'page.js': 'text/javascript; charset=utf-8' };

export interface PageServer {
  readonly origin: string;
  /** Says where the API is, once it listens. */
  setApi(origin: string): void;
  close(): void;
}

/** Serves the page, which has nothing to do with sessions: a CDN could do it. */
export async function startPageServer(port: number, host: string): Promise<PageServer> {
  const files = new Map<string, { type: string; text: string }>();
  for (const [name, type] of Object.entries(TYPES))
    files.set(name, { type, text: await readFile(new URL(`../public/${name}`, import.meta.url), 'utf8') });
  let api = '';
  const server = createServer((request, response) => {
    const name = request.url === '/' ? 'index.html' : request.url!.slice(1);
    const file = files.get(name);
    if (!file) return response.writeHead(404).end();
    return response
      .writeHead(200, {
        'content-type': file.type,
        'content-security-policy': `default-src 'none'; script-src 'self'; connect-src ${api}; img-src data:; form-action 'none'`,
      })
      .end(file.text.replaceAll('API_ORIGIN', api));
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    origin: `http://${host}:${(server.address() as AddressInfo).port}`,
    setApi: (origin) => (api = origin),
    close: () => server.close().closeAllConnections(),
  };
}
