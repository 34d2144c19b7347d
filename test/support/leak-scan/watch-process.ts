// Learns every secret that comes into being or passes by, and watches everything that is written somewhere, for the scan of
// whichever test file is running. Test files may share a process: this module is loaded once in each, by the set-up of its
// first file, so that nothing is patched or subscribed to twice.
import crypto from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import { ClientRequest, IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { Readable } from 'node:stream';
import { brotliDecompressSync, constants, unzipSync } from 'node:zlib';
import type { SessionHooks } from '../../../lib/core/lifecycle/session-context.js';
import { leakScan } from './leak-scan.js';

const WATCHING = Symbol.for('nestjs-mongo-sessions leak scan watches');
if (WATCHING in globalThis)
  throw new Error(
    'The leak scan was loaded twice. A test file that resets modules belongs to OWN_PROCESS of vitest.config.ts.',
  );
Object.assign(globalThis, { [WATCHING]: true });

// Secrets: whatever Node's cryptography is given as a key, and what the library hashes, which is the secret half of tokens.
type Take = (...args: never[]) => unknown;
const real = { ...crypto } as unknown as Record<string, Take>;
const HASHED_SECRET_BYTES = 32;
/** With the longest name of a registration, and the zero behind it. */
const MAX_HASHED_BYTES = 40 + 1 + HASHED_SECRET_BYTES;

function learn(name: string, guard: (args: readonly unknown[]) => void): void {
  const patched = (...args: never[]) => {
    guard(args);
    return real[name]!(...args);
  };
  Object.assign(crypto, { [name]: patched });
}

learn('hash', ([, data]) => {
  // The name of the registration, a zero, the secret; copied, because the library hashes from one buffer again and again.
  if (data instanceof Uint8Array && data.length <= MAX_HASHED_BYTES && data.at(-HASHED_SECRET_BYTES - 1) === 0)
    leakScan()?.guard('the secret of a token', Uint8Array.from(data.subarray(-HASHED_SECRET_BYTES)));
});
learn('createHmac', ([, key]) => leakScan()?.guard('a signing or derived key', key));
learn('hkdfSync', ([, key]) => leakScan()?.guard('an encryption key', key));
learn('createSecretKey', ([key]) => leakScan()?.guard('a signing or derived key', key));
learn('createCipheriv', ([, key]) => leakScan()?.guard('the key of a session', key));
learn('createDecipheriv', ([, key]) => leakScan()?.guard('the key of a session', key));
syncBuiltinESMExports();

// Secrets: every token that a client of any kind has sent, and that a server of any kind has handed out.
subscribe('http.server.request.start', (message) => {
  for (const value of (message as { request: IncomingMessage }).request.rawHeaders) leakScan()?.guardTokens(value);
});

/** Headers that are there to carry a token. */
const CARRIERS = ['set-cookie', 'x-session-token', 'x-token'];

/** Less is no secret, and most headers are shorter. */
const MIN_LETTERS = 12;

subscribe('http.client.response.finish', (message) => {
  const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
  for (const [name, value] of Object.entries(response.headers as OutgoingHttpHeaders)) {
    if (CARRIERS.includes(name)) for (const text of [value].flat()) leakScan()?.guardTokens(String(text));
    else if (name !== 'date' && String(value).length >= MIN_LETTERS)
      leakScan()?.saw('header', `${name} of ${request.method}`, value);
  }
});

// Bodies: all that arrives at any client of node:http. The few tests with clients of their own (raw sockets, HTTP/2) tell by themselves.
const unfinished = new Map<IncomingMessage, Uint8Array[]>();
const push = Object.getOwnPropertyDescriptor(Readable.prototype, 'push')!.value as Readable['push'];

IncomingMessage.prototype.push = function (this: IncomingMessage, chunk: unknown, encoding?: BufferEncoding) {
  if (typeof this.statusCode === 'number') {
    const chunks = unfinished.get(this) ?? [];
    if (chunk instanceof Uint8Array) chunks.push(chunk);
    unfinished.set(this, chunks);
    if (chunk === null && unfinished.delete(this)) sawBody(this, chunks);
  }
  return push.call(this, chunk, encoding);
};

/** Bodies that never ended count as far as they go. */
export function sawUnfinishedBodies(): void {
  for (const [message, chunks] of unfinished) sawBody(message, chunks);
  unfinished.clear();
}

function sawBody({ headers }: IncomingMessage, chunks: readonly Uint8Array[]): void {
  leakScan()?.saw(
    'body',
    headers['content-type'] ?? 'of no type',
    unpacked(Buffer.concat(chunks), headers['content-encoding']),
  );
}

/** Half a body, too, as far as it goes. */
function unpacked(bytes: Buffer, encoding: string | undefined): Buffer {
  try {
    if (encoding === 'br') return brotliDecompressSync(bytes, { finishFlush: constants.BROTLI_OPERATION_FLUSH });
    return encoding ? unzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }) : bytes;
  } catch {
    return bytes;
  }
}

// What is printed, by Nest's console logger among others.
for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  stream.write = (...args: unknown[]) => {
    leakScan()?.saw('output', stream === process.stdout ? 'stdout' : 'stderr', args[0]);
    return write(...args);
  };
}
for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const) {
  const print = console[method].bind(console);
  console[method] = (...args: unknown[]) => {
    leakScan()?.saw('output', `console.${method}`, args);
    print(...args);
  };
}

// The library's own errors, wherever they end, and the events and log lines of every session, listened to or not.
type Errors = typeof import('../../../lib/core/errors.js');
type Registrations = typeof import('../../../lib/core/request/registration.js');
let errors: Errors | undefined;
let registrations: Registrations | undefined;

/** The library's module of errors, watched; the same for all files of a process, as every module is. */
export async function watchedErrors(importOriginal: () => Promise<Errors>): Promise<Errors> {
  const actual = await importOriginal();
  const SessionError = new Proxy(actual.SessionError, {
    construct(target, args, newTarget) {
      const error = Reflect.construct(target, args, newTarget) as InstanceType<typeof target>;
      leakScan()?.saw('error', error.code, error);
      return error;
    },
  });
  return (errors ??= { ...actual, SessionError });
}

export async function watchedRegistrations(importOriginal: () => Promise<Registrations>): Promise<Registrations> {
  const actual = await importOriginal();
  const Registration = new Proxy(actual.Registration, {
    construct(target, args) {
      const [options, store, codec, hooks, ...rest] = args as ConstructorParameters<typeof target>;
      return new target(options, store, codec, watched(hooks), ...rest);
    },
  });
  return (registrations ??= { ...actual, Registration });
}

function watched(hooks: SessionHooks): SessionHooks {
  return {
    emit(event) {
      leakScan()?.saw('event', event.type, event);
      hooks.emit(event);
    },
    log: {
      warn(line) {
        leakScan()?.saw('log', 'warning', line);
        hooks.log.warn(line);
      },
      error(line) {
        leakScan()?.saw('log', 'error', line);
        hooks.log.error(line);
      },
    },
  };
}
