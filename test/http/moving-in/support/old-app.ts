// Sessions that other libraries have written, in a process of their own.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const script = fileURLToPath(new URL('old-app.mjs', import.meta.url));

export interface OldApp {
  readonly library:
    | 'express-session'
    | '@fastify/session'
    | 'nestjs-session'
    | 'connect-mongodb-session'
    | 'cookie-session'
    | '@fastify/secure-session'
    | 'iron-session';
  readonly uri?: string;
  readonly collection?: string;
  /** Newest first; keys in base64 for @fastify/secure-session. */
  readonly secrets: readonly string[];
  /** Options of connect-mongo; some by a name of old-app.mjs. */
  readonly shape?: Readonly<Record<string, unknown>>;
  readonly data: object;
  /** In milliseconds. */
  readonly maxAge?: number;
  /** The cookie's. */
  readonly name?: string;
  readonly cookiePrefix?: string;
  /** How many browsers visit it. @default 1 */
  readonly count?: number;
}

/** The cookies of each browser that has visited the old app, as `name=value`. */
export async function visitOldApp(app: OldApp): Promise<string[][]> {
  const { stdout } = await promisify(execFile)(process.execPath, [script, JSON.stringify(app)], { timeout: 60_000 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as string[][];
}
