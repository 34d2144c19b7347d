// Cookie headers of somebody who wants in: invented ones, and real ones that were tampered with. The same in every run.
import { createHmac } from 'node:crypto';
import { createToken, formatToken } from '../../../../lib/core/token/session-token.js';

export type Random = (below: number) => number;

/** Whole numbers below a bound that look random (mulberry32). */
export function randomFrom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** What the attacker has: cookie values that open sessions, with their signatures where there are any. */
export interface Loot {
  readonly name: string;
  readonly real: readonly string[];
}

type Make = (random: Random, real: string, other: string) => string;

const bytesOf = (value: string) => Buffer.from(value.slice(0, 59), 'base64url');
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
const at = (value: string, random: Random) => random(value.length + 1);
const insert = (value: string, place: number, more: string) => value.slice(0, place) + more + value.slice(place);
const replace = (value: string, place: number, more: string) => value.slice(0, place) + more + value.slice(place + 1);
const letter = (random: Random) => String.fromCharCode(random(0x100));
const rest = (value: string) => value.slice(59);

function flipBit(value: string, random: Random, from: number, to: number): string {
  const bytes = bytesOf(value);
  bytes[from + random(to - from)]! ^= 1 << random(8);
  return text(bytes) + rest(value);
}

function signed(value: string, key: string): string {
  return `${value}.${createHmac('sha256', key).update(`default\0${value}`).digest('base64url')}`;
}

/** None of these is what the server has written, whatever the real ones are. */
const VALUES: readonly Make[] = [
  (random, real) => flipBit(real, random, 12, 44),
  (random, real) => flipBit(real, random, 0, 12),
  (_, real, other) => text(Buffer.concat([bytesOf(real).subarray(0, 12), bytesOf(other).subarray(12)])) + rest(real),
  (_, real) => text(Buffer.concat([bytesOf(real).subarray(12), bytesOf(real).subarray(0, 12)])) + rest(real),
  (_, real, other) => real.slice(0, 59) + (rest(other) || `.${other}`),
  (random, real) => real.slice(0, random(real.length)),
  (random, real) => real.slice(1 + random(real.length - 1)),
  (random, real) => insert(real, at(real, random), 'A'),
  (random, real) => insert(real, random(real.length - 1) + 1, letter(random)),
  (random, real) => replace(real, random(59), '!\u00e9"\\%*\t\x7f'[random(8)]!),
  (random, real) => insert(real, random(real.length - 1) + 1, String.fromCharCode(random(32))),
  (random, real) => insert(real, 1 + random(real.length - 1), '\ud83d\ude00\u0430\u202e'[random(4)]!),
  (_, real) => real.toLowerCase().replace(/[a-z]/, 'Z'),
  (_, real) => [...real].toReversed().join(''),
  (_, real) => `${real}=`,
  (_, real) => `s:${real}.c2lnbmF0dXJl`,
  (_, real) => `s%3A${real}`,
  (_, real) => `%22${real}%22`,
  (_, real) => `j:{"id":"${real}"}`,
  (_, real) => `${real},${real}`,
  (_, real) => real + real,
  (_, real) => signed(real.slice(0, 59), 'the key of somebody else, also long'),
  (_, real) => signed(real.slice(0, 59), ''),
  (_, real) => `${real}${'.'.repeat(43)}`,
  (random) => formatToken(createToken(random(2 ** 31) * 1000)),
  () => 'A'.repeat(59),
  (random) => '_-Aw0'.charAt(random(5)).repeat(58 + random(3)),
  (random) => Array.from({ length: random(200) }, () => letter(random)).join(''),
  () => '{"$gt":""}',
  () => '__proto__',
  () => '',
];

/** Very long ones, of which few are enough. */
const HUGE: readonly Make[] = [
  (_, real) => real.repeat(100),
  (random) => 'A'.repeat(4000 + random(4000)),
  (random) => '%'.repeat(random(8000)),
  (random) => '"; '.repeat(random(2500)),
];

/** How the value stands in the header. */
const HEADERS: readonly ((name: string, value: string) => string)[] = [
  (name, value) => `${name}=${value}`,
  (name, value) => `a=1; ${name}=${value}; b=2`,
  (name, value) => `${name}="${value}"`,
  (name, value) => `${name}=;${name}=${value} ;;${name}`,
];

/** The value of a header `Cookie` that must open nothing. */
export function hostileCookie(random: Random, { name, real }: Loot): string {
  const mine = random(real.length);
  const other = (mine + 1 + random(real.length - 1)) % real.length;
  const make = random(1000) === 0 ? HUGE[random(HUGE.length)]! : VALUES[random(VALUES.length)]!;
  const value = make(random, real[mine]!, real[other]!);
  const header = HEADERS[random(HEADERS.length)]!(name, value);
  // Several of one name: shadows of each other.
  if (random(20) !== 0) return header;
  return `${header}; ${hostileCookie(random, { name, real })}; ${name}=${make(random, real[other]!, real[mine]!)}`;
}
