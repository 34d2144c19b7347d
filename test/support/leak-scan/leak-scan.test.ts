// Proves that the leak scan finds leaks: a run of planted ones, one for each channel, has to fail.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { expect, inject, test } from 'vitest';
import { LeakScan } from './leak-scan.js';
import { SecretFinder } from './secret-finder.js';

const root = resolve(import.meta.dirname, '../../..');

/** What a run of the planted leaks prints, line by line. */
function runPlanted(file: string, ...options: string[]) {
  const args = ['run', '--config', 'test/support/leak-scan/planted/vitest.config.ts', file, ...options];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), ...args],
    { cwd: root, encoding: 'utf8', env: { ...process.env, MONGODB_URI: inject('mongo').uri, NO_COLOR: '1' } },
  );
  const lines = `${stdout}\n${stderr}`.split('\n').map((line) => line.trim());
  return { status, found: lines.filter((line) => line.includes(', in the ')), lines };
}

/** Sort of secret, where it is found, and during which test. */
const LEAKS = [
  ['the secret of a token, as base64url', 'body (application/json; charset=utf-8', 'a cookie in a body'],
  ['the secret of a token, as base64url', 'header (x-debug of GET', 'a cookie in a header'],
  ['a token, as base64url', 'body (application/json; charset=utf-8', 'an invented token in a body'],
  ['the secret of a token, as base64url', 'log (of the app', 'half a secret in the log of the app'],
  ['the secret of a token, as hex', 'log (error', 'a secret in the log of the library'],
  ['the secret of a token, as base64', 'output (stdout', 'a secret on the console of Nest'],
  ['the secret of a token, as hex', 'event (created', 'a secret in an event'],
  ['the secret of a token, as numbers', 'error (SESSION_ENDED', 'a secret in the cause of an error'],
  ['the secret of a token, as base64url', 'database (copies', ''],
  ['the secret of a token, as bytes', 'database (bytes', ''],
  ['a signing or derived key, as text', 'log (of the app', 'a signing key in a log'],
  ['an encryption key, as hex', 'database (keys', ''],
] as const;

function expectAllLeaks(found: readonly string[]): void {
  for (const [what, where, during] of LEAKS) {
    const isThis = (line: string) =>
      line.startsWith(`${what}, in the ${where}, at byte `) && line.includes(`of "${during}`);
    expect(found.filter(isThis), `${what} in the ${where}`).not.toEqual([]);
  }
}

test('a planted leak on any channel fails its file, and is named without being repeated', { timeout: 120_000 }, () => {
  const { status, found, lines } = runPlanted('leaks.run');
  expectAllLeaks(found);
  expect(status).toBe(1);
  expect(lines).toContainEqual(expect.stringMatching(/Tests\s+10 passed \(10\)/));
  // No line of the findings has as much as 12 bytes of anything.
  expect(found.join('\n')).not.toMatch(/[\w+-]{16}|\d+,\d+,/);
});

test('of two files in one process, each fails for its own leaks', { timeout: 120_000 }, () => {
  const { status, lines } = runPlanted('leaks', '--no-isolate');
  const [, ...failures] = lines.join('\n').split(/^FAIL .*(?=leaks)/m);
  expect(failures.map((failure) => failure.slice(0, failure.indexOf(' '))).toSorted()).toEqual([
    'leaks-again.run.ts',
    'leaks.run.ts',
  ]);
  for (const failure of failures) expectAllLeaks(failure.split('\n'));
  expect(status).toBe(1);
});

test('a run without a leak passes', { timeout: 120_000 }, () => {
  expect(runPlanted('clean')).toMatchObject({ status: 0, found: [] });
});

test.each([
  [
    'text in other text',
    (secret: Buffer) => Buffer.concat([Buffer.from('id='), Buffer.from(secret.toString('base64url'))]),
  ],
  ['base64', (secret: Buffer) => secret.toString('base64')],
  ['hex', (secret: Buffer) => secret.toString('hex')],
  ['hex in capitals', (secret: Buffer) => secret.toString('hex').toUpperCase()],
  ['bytes among bytes', (secret: Buffer) => Buffer.concat([randomBytes(7), secret, randomBytes(7)])],
  ['the JSON of a Buffer', (secret: Buffer) => JSON.stringify(secret)],
  ['an inspected Uint8Array', (secret: Buffer) => `Uint8Array(32) [ ${secret.join(', ')} ]`],
  ['an inspected Buffer', (secret: Buffer) => `<Buffer ${secret.toString('hex').match(/../g)!.join(' ')}>`],
  ['a whole token', (secret: Buffer) => Buffer.concat([randomBytes(12), secret]).toString('base64url')],
  ['its first half', (secret: Buffer) => secret.toString('base64url').slice(0, 20)],
])('a secret is found as %s', (_, write) => {
  const finder = new SecretFinder();
  const [secret, another] = [randomBytes(32), randomBytes(32)];
  finder.add('a secret', secret);
  expect(finder.find(Buffer.from(write(secret)))).not.toEqual([]);
  expect(finder.find(Buffer.from(write(another)))).toEqual([]);
});

test('it finds one of many secrets in much text, in one pass', () => {
  const finder = new SecretFinder();
  const secrets = Array.from({ length: 2000 }, () => randomBytes(32));
  for (const secret of secrets) finder.add('a secret', secret);
  const text = Buffer.concat([randomBytes(1e6), secrets[1234]!, randomBytes(1e6)]);
  expect(finder.find(text)).toEqual([{ secret: 'a secret', spelling: 'bytes', at: 1e6 }]);
});

test('what a test fills keys with is no secret', () => {
  const finder = new SecretFinder();
  for (const filling of [Buffer.alloc(32), Buffer.alloc(32, 7), Buffer.from('too short')]) finder.add('none', filling);
  expect(finder.size).toBe(0);
});

test('an exemption holds for its file, test and channel, and must be needed', () => {
  const secret = randomBytes(32);
  const scanOf = (title: string, channel: 'body' | 'log') => {
    const exemption = { file: 'some.test.ts', test: title, channel, because: 'it is tested' };
    const scan = new LeakScan('here/some.test.ts', [exemption]);
    scan.guard('a secret', secret);
    scan.entered(expect.getState().currentTestName!);
    scan.saw('body', 'text', secret.toString('hex'));
    scan.passed(expect.getState().currentTestName!);
    return scan.findings();
  };
  expect(scanOf('an exemption holds', 'body')).toEqual([]);
  expect(scanOf('an exemption holds', 'log')).toEqual([
    expect.stringMatching(/^a secret, as hex, in the body/),
    'nothing in the log of "an exemption holds": its exemption is not needed',
  ]);
  expect(scanOf('another test', 'body')).toEqual([expect.stringMatching(/^a secret, as hex, in the body/)]);
});
