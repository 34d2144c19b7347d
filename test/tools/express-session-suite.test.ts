// What the page on request.session says of the tests of express-session, as the tool that runs them reads it.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { numbersIn } from '../../tools/express-session-suite.mjs';

const page = readFileSync('docs/33-request-session.md', 'utf8');

test('the page has a reason for each of the 20 tests that fail, and the 11 that do not apply', () => {
  const [different, inapplicable] = ['What stays different', 'Tests that do not apply'].map((heading) =>
    numbersIn(page, heading),
  );
  expect([different!.length, inapplicable!.length]).toEqual([20, 11]);
  const all = [...different!, ...inapplicable!];
  expect(new Set(all).size).toBe(31);
  expect(all.every((number) => number >= 1 && number <= 160)).toBe(true);
  expect(page).toContain(`${160 - 20 - 11} of the ${160 - 11} tests that apply pass`);
});

test('numbers in other tables, and in another section, are none', () => {
  const text = '## One\n\n| tests | |\n| --- | --- |\n| 1, 2 | a |\n| x | 3 |\n\n## Two\n\n| 4 | b |\n';
  expect(numbersIn(text, 'One')).toEqual([1, 2]);
  expect(numbersIn(text, 'Three')).toEqual([]);
});

test('without a checkout, the tool names the variable and ends with 2', () => {
  const env = { ...process.env, EXPRESS_SESSION_SUITE: '/nowhere' };
  const { status, stderr } = spawnSync(process.execPath, ['tools/express-session-suite.mjs'], {
    env,
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([
    2,
    'Set EXPRESS_SESSION_SUITE to a checkout of expressjs/session, see CONTRIBUTING.md.\n',
  ]);
});
