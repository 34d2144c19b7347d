// A real reverse proxy in front of an app: nginx (`apt-get install nginx`), as a process of its own on 127.0.0.1.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { freePorts } from '../../tools/free-ports.mjs';
import { selfSigned } from './certificate.js';

export const HAS_NGINX = spawnSync('nginx', ['-v']).status === 0;

export interface Nginx {
  /** Ports on 127.0.0.1. */
  readonly https: number;
  readonly http: number;
}

/**
 * Starts nginx with this `location`, word for word but for the address of the app. It ends with the test.
 * @param before what stands before the server, such as a `proxy_cache_path` below `$folder`
 */
export async function startNginx(location: string, appOrigin: string, before = ''): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'nms-nginx-'));
  const { key, cert } = selfSigned('localhost');
  const [https, http] = (await freePorts(2)) as [number, number];
  writeFileSync(join(folder, 'key.pem'), key);
  writeFileSync(join(folder, 'cert.pem'), cert);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join('\n');
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/pid; error_log stderr notice;
events { worker_connections 64; }
http {
  access_log off;
  ${temporary}
  ${before.replaceAll('$folder', folder)}
  server {
    listen 127.0.0.1:${https} ssl;
    listen 127.0.0.1:${http};
    ssl_certificate ${folder}/cert.pem;
    ssl_certificate_key ${folder}/key.pem;
    ${location.replace(/(?<=proxy_pass )http:\/\/[^;]+/g, appOrigin)}
  }
}
`,
  );
  const child = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  let log = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      // It says so once its ports are open.
      if (/\[notice\].* OS: /.test(log)) resolve();
    });
    void ended.then(() => reject(new Error(`nginx ended before it listened:\n${log}`)));
  });
  return { https, http };
}
