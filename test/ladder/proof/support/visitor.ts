import { HttpClient, type Reply } from '../../../support/http.js';
import { entryOf, type JournalEntry } from './journal.js';

/** Told of every request: whether it was acknowledged. */
export type OnAnswer = (acknowledged: boolean) => void;

const LOGIN_EVERY = 12;
const LOGOUT_EVERY = 40;

/** One client, which does one thing after the other with its sessions, and keeps a journal. */
export class Visitor {
  readonly journal: JournalEntry[] = [];
  /** Acknowledged changes that the next read did not show. */
  readonly unseen: string[] = [];
  #browser: HttpClient;
  #entry: JournalEntry | undefined;
  #steps = 0;

  constructor(
    private readonly origin: string,
    private readonly onAnswer: OnAnswer,
  ) {
    this.#browser = new HttpClient(origin);
  }

  async step(): Promise<void> {
    const entry = this.#entry;
    this.#steps += 1;
    if (!entry) return this.#begin();
    if (this.#steps % LOGOUT_EVERY === 0) return this.#logout(entry);
    if (this.#steps % LOGIN_EVERY === 0) return this.#login(entry);
    if (this.#steps % 3 === 0) return this.#count(entry);
    if (this.#steps % 3 === 1) return this.#write(entry);
    return this.#read(entry);
  }

  close(): void {
    this.#browser.close();
  }

  async #begin(): Promise<void> {
    this.#browser.close();
    this.#browser = new HttpClient(this.origin);
    if (!(await this.#ask('/write?value=1'))) return;
    // The first 12 bytes of a token are the handle.
    const handle = Buffer.from(this.#browser.jar.get('id')!.slice(0, 16), 'base64url').toString('hex');
    this.#entry = entryOf(handle, 1);
    this.journal.push(this.#entry);
  }

  async #write({ value }: JournalEntry): Promise<void> {
    const next = (value.sent += 1);
    if (await this.#ask(`/write?value=${next}`)) value.acknowledged = next;
  }

  async #count({ count }: JournalEntry): Promise<void> {
    count.sent += 1;
    if (await this.#ask('/count')) count.acknowledged += 1;
  }

  async #read({ handle, value, count }: JournalEntry): Promise<void> {
    const reply = await this.#ask('/read');
    if (!reply) return;
    const seen = JSON.parse(reply.body) as { first?: number; count?: number };
    if (!(seen.first! >= value.acknowledged))
      this.unseen.push(`value ${value.acknowledged} of ${handle}: ${reply.body}`);
    if ((seen.count ?? 0) < count.acknowledged)
      this.unseen.push(`count ${count.acknowledged} of ${handle}: ${reply.body}`);
  }

  async #login({ user }: JournalEntry): Promise<void> {
    user.sent = `user-${this.#steps}`;
    if (await this.#ask(`/login?user=${user.sent}`)) user.acknowledged = user.sent;
    // Whether the token that it has still counts, it can't know.
    else this.#entry = undefined;
  }

  async #logout(entry: JournalEntry): Promise<void> {
    entry.end = 'sent';
    this.#entry = undefined;
    if (await this.#ask('/logout')) entry.end = 'acknowledged';
  }

  /** The reply, if it is a success. */
  async #ask(path: string): Promise<Reply | undefined> {
    // A connection that breaks, as by the death of the app, is no answer either.
    const reply = await this.#browser.get(path).catch(() => undefined);
    const acknowledged = reply !== undefined && reply.status === 200 && !reply.cutOff;
    this.onAnswer(acknowledged);
    return acknowledged ? reply : undefined;
  }
}
