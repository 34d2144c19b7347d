// Proves that a test run's last line tells the truth, whatever happens to the tests.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const project = mkdtempSync(join(tmpdir(), 'nms-closing-'));

beforeAll(() => {
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'), 'junction');
  const reporter = join(root, 'test/support/closing-line.reporter.ts');
  writeFileSync(
    join(project, 'vitest.config.mjs'),
    `export default { test: { include: ['*.run.mjs'], globals: true, reporters: [${JSON.stringify(reporter)}] } };`,
  );
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

function closingLines(text: string, ...args: string[]) {
  writeFileSync(join(project, 'a.run.mjs'), text);
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const { status, stdout } = spawnSync(process.execPath, [vitest, 'run', '--root', project, ...args], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { status, lines: stdout.trim().split('\n') };
}

const passes = `it('a', () => {});`;

it.each([
  ['a test that passes', passes, 0, ['1 passed, 0 failed']],
  ['a test that fails', `${passes} it('b', () => expect(1).toBe(2));`, 1, ['1 passed, 1 failed']],
  [
    'skipped tests, each by its name and reason',
    `${passes} it('b', ({ skip }) => skip('no browser')); it.todo('c');`,
    0,
    ['skipped: a.run.mjs > b (no browser)', 'skipped: a.run.mjs > c', '1 passed, 0 failed, 2 skipped'],
  ],
  ['a lost promise', `it('a', () => void Promise.reject(new Error('lost')));`, 1, ['1 passed, 1 failed']],
  ['a file that does not load', `import './missing.mjs';`, 1, ['0 passed, 1 failed']],
  [
    'a hook that throws',
    `describe('d', () => { beforeAll(() => { throw new Error('hook'); }); it('a', () => {}); });`,
    1,
    ['skipped: a.run.mjs > d > a', '0 passed, 1 failed, 1 skipped'],
  ],
  ['an empty suite, an error of its own and of its file', `describe('d', () => {});`, 1, ['0 passed, 2 failed']],
])('counts %s', (_, text, status, closing) => {
  const run = closingLines(text);
  expect(run.lines.slice(-closing.length)).toEqual(closing);
  expect(run.status).toBe(status);
});

it('is not content when a filter left no test', () => {
  expect(closingLines(passes, '-t', 'nothing')).toEqual({ status: 1, lines: ['no test ran', '0 passed, 1 failed'] });
});
