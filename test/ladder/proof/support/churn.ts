import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { HttpClient } from '../../../support/http.js';

/** The load is bounded by it. */
const PAUSE_MS = 20;

/** Clients that begin a session, use it, and end it or go away; now and then one guesses a token. */
export class Churn {
  requests = 0;
  sessions = 0;
  /** Answers that were no success. */
  readonly failures: string[] = [];
  readonly #clients: number;
  #running: Promise<void>[] = [];
  #isHeld = true;

  constructor(
    private readonly origin: string,
    clients: number,
  ) {
    this.#clients = clients;
  }

  run(): void {
    this.#isHeld = false;
    this.#running = Array.from({ length: this.#clients }, async () => {
      while (!this.#isHeld) await this.#visit();
    });
  }

  async hold(): Promise<void> {
    this.#isHeld = true;
    await Promise.all(this.#running);
  }

  async #visit(): Promise<void> {
    const browser = new HttpClient(this.origin);
    this.sessions += 1;
    const paths = ['/write?value=1', '/read', '/count', '/login?user=ada', '/write?value=2', '/read'];
    if (this.sessions % 3 === 0) paths.push('/logout', '/read');
    if (this.sessions % 5 === 0) browser.jar.set('id', randomBytes(44).toString('base64url'));
    try {
      for (const path of paths) {
        this.requests += 1;
        const { status } = await browser.get(path);
        if (status !== 200) this.failures.push(`${path}: ${status}`);
        await delay(PAUSE_MS);
      }
    } finally {
      browser.close();
    }
  }
}
