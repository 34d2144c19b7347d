// Runs the test files of expressjs/session, unedited, against the face `requestSession: 'express-session'`. Fetches nothing:
// EXPRESS_SESSION_SUITE is the path of a checkout whose devDependencies are installed (CONTRIBUTING.md says how). Needs `dist`.
// Each test that fails must have its reason in docs/33-request-session.md; otherwise, or if one of those passes, it ends with 1.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire, Module } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const DOCS = fileURLToPath(new URL('../docs/33-request-session.md', import.meta.url));

/** The numbers in the first column of a table of the docs: of tests, in the order in which the suite runs. */
export function numbersIn(markdown, heading) {
  const section = markdown.split(/^## /m).find((each) => each.startsWith(heading)) ?? '';
  const cells = section.split('\n').flatMap((line) => /^\| (\d[\d, ]*) \|/.exec(line)?.[1] ?? []);
  return cells.flatMap((cell) => cell.split(', ').map(Number));
}

/** What each test has come to, in the order of the suite. */
async function runSuite(checkout) {
  const require = createRequire(join(checkout, 'package.json'));
  const { session, Cookie } = await import('./express-session-suite/adapter.mjs');
  const replace = (file, exports) => {
    const path = join(checkout, file);
    require.cache[path] = Object.assign(new Module(path), { exports, loaded: true });
  };
  replace('index.js', session);
  replace('session/cookie.js', Cookie);
  process.env.NO_DEPRECATION = 'express-session';
  const Mocha = require('mocha');
  const mocha = new Mocha({ reporter: function silent() {} });
  for (const file of ['test/cookie.js', 'test/session.js']) mocha.addFile(join(checkout, file));
  const results = [];
  await new Promise((done) => {
    const runner = mocha.run(done);
    runner.on('pass', (test) => results.push({ title: test.fullTitle() }));
    runner.on('fail', (test, error) => results.push({ title: test.fullTitle(), error }));
  });
  return results.map((result, index) => ({ number: index + 1, ...result }));
}

function report(results) {
  const docs = readFileSync(DOCS, 'utf8');
  const different = new Set(numbersIn(docs, 'What stays different'));
  const inapplicable = new Set(numbersIn(docs, 'Tests that do not apply'));
  const applicable = results.filter(({ number }) => !inapplicable.has(number));
  const failed = applicable.filter(({ error }) => error);
  const surprises = applicable.filter(({ number, error }) => Boolean(error) !== different.has(number));
  for (const { number, title, error } of failed) console.log(`${number} ${title}\n    ${error.message.split('\n')[0]}`);
  for (const { number, title } of surprises)
    console.error(`docs/33-request-session.md says otherwise: ${number} ${title}`);
  const passed = applicable.length - failed.length;
  console.log(`\n${passed} of the ${applicable.length} tests that apply passed, ${inapplicable.size} do not apply`);
  return surprises.length === 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const checkout = resolve(process.env.EXPRESS_SESSION_SUITE ?? '');
  if (!existsSync(join(checkout, 'test/session.js'))) {
    console.error('Set EXPRESS_SESSION_SUITE to a checkout of expressjs/session, see CONTRIBUTING.md.');
    process.exit(2);
  }
  process.exit(report(await runSuite(checkout)) ? 0 : 1);
}
