// Proves that .ci/run can fail: it runs here over an `npm` that answers as each test says.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const clone = mkdtempSync(join(tmpdir(), 'nms-ci-'));
const bin = join(clone, 'bin');

beforeAll(() => {
  mkdirSync(join(clone, '.ci'));
  mkdirSync(bin);
  cpSync(resolve(import.meta.dirname, '../../.ci/run'), join(clone, '.ci/run'));
  writeFileSync(join(clone, 'package.json'), '{}');
});

afterAll(() => rmSync(clone, { recursive: true, force: true }));

const good = {
  ci: 'exit 0',
  check: 'echo fine',
  test: 'echo "20 passed, 0 failed"',
  demo: 'echo "7 passed, 0 failed"',
  'test:package': 'echo "5 passed, 0 failed"',
};

/** Runs .ci/run with these answers of `npm ci`, `npm test` and `npm run ...`; its status and its output, line by line. */
function ci(answers: Partial<typeof good>) {
  const cases = Object.entries({ ...good, ...answers }).map(([name, answer]) => `${name}) ${answer};;`);
  writeFileSync(join(bin, 'npm'), `#!/bin/sh\n[ "$1" = run ] && shift\ncase "$1" in\n${cases.join('\n')}\nesac\n`);
  chmodSync(join(bin, 'npm'), 0o755);
  const PATH = `${bin}${delimiter}${process.env['PATH']}`;
  // With a MongoDB given, nothing is missing that the script would have to install.
  const env = { ...process.env, PATH, MONGODB_URI: 'mongodb://127.0.0.1:1' };
  const { status, stdout } = spawnSync('bash', [join(clone, '.ci/run')], { env, encoding: 'utf8' });
  const lines = stdout.trimEnd().split('\n');
  return { status, last: lines.at(-1), lines };
}

describe.skipIf(process.platform !== 'linux')('.ci/run', () => {
  it('closes with the sum of all parts, the only plain line of its kind', () => {
    const { status, last, lines } = ci({});
    expect(last).toBe('34 passed, 0 failed');
    expect(lines.filter((line) => /^\d+ passed/.test(line))).toHaveLength(1);
    expect(status).toBe(0);
  });

  it.each([
    ['a failed test', { test: 'echo "19 passed, 1 failed"; exit 1' }, '33 passed, 1 failed'],
    ['a failed test whose runner ends with 0', { test: 'echo "19 passed, 1 failed"' }, '33 passed, 1 failed'],
    [
      'a runner that fails although its tests passed',
      { demo: 'echo "7 passed, 0 failed"; exit 3' },
      '34 passed, 1 failed',
    ],
    ['a runner that says nothing', { 'test:package': 'exit 0' }, '29 passed, 1 failed'],
    ['a runner that dies', { test: 'kill -9 $$' }, '14 passed, 1 failed'],
    ['a failed check', { check: 'exit 2' }, '33 passed, 1 failed'],
    ['an early failure', { ci: 'exit 1' }, '0 passed, 1 failed'],
  ])('fails for %s', (_, answers, closing) => {
    const { status, last } = ci(answers);
    expect(last).toBe(closing);
    expect(status).toBe(1);
  });

  it('tells how many tests were skipped', () => {
    const { status, last, lines } = ci({ test: 'echo "20 passed, 0 failed, 3 skipped"' });
    expect(lines).toContain('3 skipped, each named above');
    expect(last).toBe('34 passed, 0 failed');
    expect(status).toBe(0);
  });

  it('does not wait for a child that a step left behind', () => {
    const { status, last } = ci({ test: 'sleep 30 & echo "20 passed, 0 failed"' });
    expect(last).toBe('34 passed, 0 failed');
    expect(status).toBe(0);
  }, 15_000);
});
