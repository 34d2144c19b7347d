import type { Clock } from '../clock.interface.js';
import { loggedErrors, SessionError } from '../errors.js';
import type { EncryptionKeyProvider } from './encryption-options.js';
import { KeyRing } from './key-ring.js';
import { parseKeys } from './parse-keys.js';
import type { ResolvedEncryption } from './resolve-encryption.js';

export interface KeySourceOptions {
  readonly clock: Clock;
  /** Deadline of the provider, in milliseconds. */
  readonly timeoutMs: number;
  readonly log: { warn(message: string): void };
}

/**
 * The current keys. When they are older than `cacheFor`, the provider is asked in the background,
 * and they stay in use until it responds; if it fails, for another `cacheFor`. Only if there are no
 * keys yet, the provider is waited for.
 */
export class KeySource {
  readonly #provider: EncryptionKeyProvider | undefined;
  readonly #cacheFor: number;
  readonly #options: KeySourceOptions;
  #ring: KeyRing | undefined;
  #askedAt = 0;
  #asking: Promise<KeyRing> | undefined;
  #lastFailure: string | undefined;

  constructor({ keys, cacheFor }: ResolvedEncryption, options: KeySourceOptions) {
    if (keys instanceof KeyRing) this.#ring = keys;
    else this.#provider = keys;
    this.#cacheFor = cacheFor;
    this.#options = options;
  }

  async current(): Promise<KeyRing> {
    if (this.#provider && (!this.#ring || this.#isDue()))
      this.#asking ??= this.#ask(this.#provider).finally(() => (this.#asking = undefined));
    return this.#ring ?? this.#asking!;
  }

  /** The keys that the provider is being asked for, otherwise the current ones. */
  async upcoming(): Promise<KeyRing | undefined> {
    return this.#asking ?? this.#ring;
  }

  #isDue(): boolean {
    const age = this.#options.clock.now() - this.#askedAt;
    // Otherwise a clock that was set back would keep old keys for as long.
    return age < 0 || age >= this.#cacheFor;
  }

  async #ask(provider: EncryptionKeyProvider): Promise<KeyRing> {
    this.#askedAt = this.#options.clock.now();
    try {
      this.#ring = parseKeys(await this.#answerInTime(provider), 'encryption.keys()');
    } catch (error) {
      const { message } = error as Error;
      if (!this.#ring) throw this.#unavailable(message);
      this.#options.log.warn(`${message} Until then, the keys of before are used.`);
    }
    return this.#ring;
  }

  /** Without keys, each request that needs some asks again. One line in the log says it all. */
  #unavailable(message: string): SessionError {
    const error = new SessionError('SESSION_STORE_UNAVAILABLE', message);
    if (message === this.#lastFailure) loggedErrors.add(error);
    this.#lastFailure = message;
    return error;
  }

  async #answerInTime(provider: EncryptionKeyProvider): Promise<unknown> {
    const { timeoutMs } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(failed(`has not answered within ${timeoutMs} ms`)), timeoutMs);
    });
    try {
      return await Promise.race([answerOf(provider), deadline]);
    } finally {
      clearTimeout(timer);
    }
  }
}

async function answerOf(provider: EncryptionKeyProvider): Promise<unknown> {
  try {
    const answer = await provider();
    // Reading a list can fail too, and its error is as little to be shown.
    return Array.isArray(answer) ? [...(answer as readonly unknown[])] : answer;
  } catch (error) {
    throw failed(`has failed: ${nameOf(error)}`);
  }
}

function failed(what: string): Error {
  return new Error(
    `The provider \`encryption.keys\` ${what}. Its error is not shown here, as it may hold parts of a key: catch and log it in ` +
      'the provider. Sessions work again as soon as it gives its keys.',
  );
}

/** Name and code only. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? `${error.name} ${code}` : error.name;
}
