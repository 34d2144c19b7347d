/** Where something was written. */
export type Channel = 'log' | 'output' | 'error' | 'event' | 'body' | 'header' | 'database';

/** A test that shows a secret on purpose. */
export interface Exemption {
  /** End of the path of the test file. */
  readonly file: string;
  /** Part of the full name of the test. */
  readonly test: string;
  readonly channel: Channel;
  readonly because: string;
}

const SWAPPED =
  'in a token whose halves were swapped the secret stands where the handle belongs, and an event names a session by its handle';

export const EXEMPTIONS: readonly Exemption[] = [
  { file: 'hostile/million-cookies.test.ts', test: 'unsigned cookies', channel: 'event', because: SWAPPED },
  { file: 'hostile/cookies-on-sockets.test.ts', test: 'unsigned', channel: 'event', because: SWAPPED },
];
