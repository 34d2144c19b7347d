// Watches a whole test file for secrets that get to where they do not belong. `leak-scan.setup.ts` connects it to everything.
import { types } from 'node:util';
import { type Channel, type Exemption, EXEMPTIONS } from './exemptions.js';
import { SecretFinder } from './secret-finder.js';

interface Piece {
  readonly channel: Channel;
  readonly where: string;
  readonly test: string;
  readonly bytes: Uint8Array;
}

/** So much is kept at most before it is looked through. */
const MOST_BYTES = 16 * 1024 * 1024;
const MOST_PIECES = 10_000;

/** Far enough for an error's cause and an event, and not through all of a database driver. */
const DEEPEST = 6;

/** A token as clients bring it: in a cookie or a header, alone or with its signature. */
const TOKEN_LETTERS = 59;
const TOKEN = /(?<![\w-])[\w-]{59}(?![\w-])/g;

export class LeakScan {
  readonly #finder = new SecretFinder();
  readonly #leaks = new Set<string>();
  readonly #used = new Set<Exemption>();
  readonly #passed: string[] = [];
  #test = '(outside of any test)';
  #pieces: Piece[] = [];
  #size = 0;
  /** While it is above zero, what passes by is no secret. */
  #inventing = 0;

  constructor(
    private readonly file: string,
    private readonly exemptions: readonly Exemption[] = EXEMPTIONS,
  ) {}

  /** From now on this is a secret. */
  guard(what: string, secret: unknown): void {
    if (this.#inventing === 0 && types.isUint8Array(secret)) this.#finder.add(what, secret);
    else if (this.#inventing === 0 && typeof secret === 'string') this.#finder.add(what, Buffer.from(secret));
  }

  /** The secret halves of all tokens in a header. */
  guardTokens(header: string): void {
    if (header.length < TOKEN_LETTERS) return;
    for (const [token] of header.matchAll(TOKEN))
      this.guard('a token', Buffer.from(token, 'base64url').subarray(HANDLE_BYTES));
  }

  /** Runs a test with more invented tokens than could be kept: none of them is a secret. */
  async whileInventing<T>(run: () => Promise<T>): Promise<T> {
    this.#inventing += 1;
    try {
      return await run();
    } finally {
      this.#inventing -= 1;
    }
  }

  /** Something was written there: any value, with all that is in it. */
  saw(channel: Channel, where: string, value: unknown): void {
    const test = this.#test;
    const pieces: Uint8Array[] = [];
    gather(value, pieces, new Set(), 0);
    for (const bytes of pieces) {
      this.#pieces.push({ channel, where, test, bytes });
      this.#size += bytes.length;
    }
    if (this.#size > MOST_BYTES || this.#pieces.length > MOST_PIECES) this.#look();
  }

  /** The test that is running now. */
  entered(test: string): void {
    this.#test = test;
  }

  passed(test: string): void {
    this.#passed.push(test);
  }

  /** What has leaked, in words that do not repeat it, and which exemptions are there for nothing. */
  findings(): string[] {
    this.#look();
    const needless = this.exemptions.filter(
      (known) =>
        this.file.endsWith(known.file) &&
        !this.#used.has(known) &&
        this.#passed.some((test) => test.includes(known.test)),
    );
    return [
      ...this.#leaks,
      ...needless.map(({ test, channel }) => `nothing in the ${channel} of "${test}": its exemption is not needed`),
    ];
  }

  #look(): void {
    for (const { channel, where, test, bytes } of this.#pieces) {
      for (const { secret, spelling, at } of this.#finder.find(bytes)) {
        const exemption = this.exemptions.find(
          (known) => known.channel === channel && this.file.endsWith(known.file) && test.includes(known.test),
        );
        if (exemption) this.#used.add(exemption);
        else this.#leaks.add(`${secret}, as ${spelling}, in the ${channel} (${where}, at byte ${at}) of "${test}"`);
      }
    }
    this.#pieces = [];
    this.#size = 0;
  }
}

const HANDLE_BYTES = 12;

/** All texts and bytes in a value. */
function gather(value: unknown, into: Uint8Array[], seen: Set<object>, depth: number): void {
  if (typeof value === 'string') into.push(Buffer.from(value));
  if (typeof value !== 'object' || value === null || seen.has(value) || depth > DEEPEST) return;
  seen.add(value);
  if (types.isUint8Array(value)) {
    into.push(value);
    return;
  }
  if (types.isNativeError(value))
    // The stack is this message and names of functions; to have it made takes as long as all the rest.
    for (const part of [value.name, value.message, value.cause]) gather(part, into, seen, depth + 1);
  if (types.isMap(value) || types.isSet(value)) for (const item of value) gather(item, into, seen, depth + 1);
  for (const [key, item] of Object.entries(value)) {
    if (!types.isNativeError(value) && !Array.isArray(value)) into.push(Buffer.from(key));
    gather(item, into, seen, depth + 1);
  }
}

const PLACE = Symbol.for('nestjs-mongo-sessions leak scan');

/** The scan of this test file; undefined where the setup file is not part of the run. */
export function leakScan(): LeakScan | undefined {
  return (globalThis as { [PLACE]?: LeakScan })[PLACE];
}

export function startLeakScan(file: string): LeakScan {
  return ((globalThis as { [PLACE]?: LeakScan })[PLACE] = new LeakScan(file));
}
