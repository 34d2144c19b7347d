import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Platform } from '../../../support/http.js';
import type { Measurement } from '../app/measure.js';

const program = fileURLToPath(new URL('../../../../.cache/proof/build/test/ladder/proof/app/main.js', import.meta.url));

export interface AppSettings {
  readonly uri: string;
  readonly platform: Platform;
  readonly idleTimeout?: string;
  readonly changeStream?: boolean;
  /** The same app without the library, for a comparison. */
  readonly withoutSessions?: boolean;
}

export type Report = Measurement & { readonly reads: { readonly primary: number; readonly others: number } };

/** The app in a process of its own, which can be killed and started again on the same port. */
export class AppProcess {
  #child: ChildProcess | undefined;
  #port = 0;

  constructor(private readonly settings: AppSettings) {}

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    const { uri, platform, idleTimeout = '', changeStream = false, withoutSessions = false } = this.settings;
    // The settings of the test runner are not meant for it.
    const { NODE_OPTIONS: _options, ...env } = process.env;
    this.#child = fork(program, {
      execArgv: ['--expose-gc'],
      env: {
        ...{ ...env, MONGO_URI: uri, PLATFORM: platform, IDLE_TIMEOUT: idleTimeout, PORT: `${this.#port}` },
        CHANGE_STREAM: changeStream ? 'yes' : '',
        WITHOUT_SESSIONS: withoutSessions ? 'yes' : '',
      },
    });
    const { port } = (await this.#answer()) as { port: number };
    this.#port = port;
  }

  async measure(): Promise<Report> {
    this.#child!.send('measure');
    return (await this.#answer()) as Report;
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async #answer(): Promise<unknown> {
    const child = this.#child!;
    const waiting = new AbortController();
    const died = once(child, 'exit', { signal: waiting.signal }).then(([code]) => {
      throw new Error(`the app ended with ${String(code)} instead of answering`);
    });
    try {
      const [answer] = await Promise.race([once(child, 'message', { signal: waiting.signal }), died]);
      return answer;
    } finally {
      waiting.abort();
      died.catch(() => {});
    }
  }
}
