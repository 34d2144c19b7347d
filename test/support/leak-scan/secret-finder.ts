/** What is looked for: enough of a secret to know it by, so that half a secret in a log is found, too. */
const KNOWN_BY = 12;

/** What has fewer is no secret but a test's filling, and would be found everywhere. */
const LEAST_DIFFERENT_BYTES = 8;

interface Needle {
  readonly secret: string;
  readonly spelling: string;
  readonly bytes: Uint8Array;
}

export interface Finding {
  /** What sort of secret it is. Never the secret. */
  readonly secret: string;
  /** How it was written. */
  readonly spelling: string;
  /** Where it starts. */
  readonly at: number;
}

const SLOTS = 20;

/** Finds any of many secrets in bytes, in whatever way they are spelled, in one pass. */
export class SecretFinder {
  readonly #known = new Set<string>();
  readonly #needles = new Map<number, Needle[]>();
  /** Whether any needle starts with four such bytes. */
  readonly #marks = new Uint8Array(1 << SLOTS);

  get size(): number {
    return this.#known.size;
  }

  add(secret: string, given: Uint8Array): void {
    if (given.length < KNOWN_BY) return;
    const bytes = Buffer.from(given);
    const id = bytes.toString('latin1');
    if (this.#known.has(id) || new Set(bytes).size < LEAST_DIFFERENT_BYTES) return;
    this.#known.add(id);
    // A key that is a text is known by all of it: its beginning may be words that are written elsewhere.
    const isText = bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
    const start = bytes.subarray(0, KNOWN_BY);
    const raw = isText ? bytes : start;
    for (const [spelling, text] of spellings(start)) this.#index({ secret, spelling, bytes: Buffer.from(text) });
    this.#index({ secret, spelling: isText ? 'text' : 'bytes', bytes: raw });
  }

  find(bytes: Uint8Array): Finding[] {
    const found: Finding[] = [];
    let four = 0;
    for (let index = 0; index < bytes.length; index++) {
      four = (four << 8) | bytes[index]!;
      if (index < 3 || this.#marks[slotOf(four)] === 0) continue;
      const at = index - 3;
      for (const { secret, spelling, bytes: needle } of this.#needles.get(four) ?? [])
        if (startsAt(bytes, at, needle)) found.push({ secret, spelling, at });
    }
    return found;
  }

  #index(needle: Needle): void {
    const four = Buffer.from(needle.bytes).readInt32BE(0);
    this.#marks[slotOf(four)] = 1;
    const others = this.#needles.get(four);
    if (others) others.push(needle);
    else this.#needles.set(four, [needle]);
  }
}

function spellings(bytes: Buffer): Map<string, string> {
  const hex = bytes.toString('hex');
  return new Map([
    // Twelve bytes are sixteen letters; a token's secret stands behind the twelve bytes of its handle, and so at such a limit, too.
    ['base64', bytes.toString('base64')],
    ['base64url', bytes.toString('base64url')],
    ['hex', hex],
    ['hex in capitals', hex.toUpperCase()],
    ['hex with blanks', hex.replaceAll(/..(?=.)/g, '$& ')],
    ['numbers', bytes.join(',')],
    ['numbers with blanks', bytes.join(', ')],
  ]);
}

function slotOf(four: number): number {
  return Math.imul(four, 0x9e3779b1) >>> (32 - SLOTS);
}

function startsAt(bytes: Uint8Array, at: number, needle: Uint8Array): boolean {
  if (at + needle.length > bytes.length) return false;
  for (let index = 4; index < needle.length; index++) if (bytes[at + index] !== needle[index]) return false;
  return true;
}
