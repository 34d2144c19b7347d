// Runs the test files of fastify/session, unedited, against the face `requestSession: 'fastify-session'`. Fetches nothing:
// FASTIFY_SESSION_SUITE is the path of a checkout (CONTRIBUTING.md says how). Needs `dist`.
// Each test that fails must have its reason in docs/34-coming-from-fastify-session.md; otherwise, or if one of those passes, it ends with 1.
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const DOCS = join(root, 'docs/34-coming-from-fastify-session.md');

/** The tests in the first column of a table of the docs: `file: title`, or `file` for all of its tests. */
export function testsIn(markdown, heading) {
  const section = markdown.split(/^##+ /m).find((each) => each.startsWith(heading)) ?? '';
  const cells = section.split('\n').flatMap((line) => /^\| (`.*?) \|/.exec(line)?.[1] ?? []);
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, test]) => test));
}

/** The suite's tests and helpers in a folder below this clone, with our adapter in the place of the plugin. */
async function prepare(checkout) {
  await mkdir(join(root, '.cache'), { recursive: true });
  const folder = await mkdtemp(join(root, '.cache', 'fastify-session-suite-'));
  for (const part of ['test', 'lib']) await cp(join(checkout, part), join(folder, part), { recursive: true });
  const adapter = join(root, 'tools/fastify-session-suite/adapter.cjs');
  await writeFile(join(folder, 'index.js'), `module.exports = require(${JSON.stringify(adapter)});\n`);
  await writeFile(join(folder, 'package.json'), '{ "type": "commonjs" }');
  // The pattern of a cookie's value: our token is longer, and Max-Age stands beside Expires.
  const helper = join(folder, 'test/util.js');
  const [before, after] = (await readFile(helper, 'utf8')).split(String.raw`{32}\.[^;]+`);
  if (after === undefined) throw new Error(`${checkout} is not the commit that CONTRIBUTING.md names.`);
  await writeFile(helper, String.raw`${before}{59}\.[^;]+(?:; Max-Age=\d+)?${after}`);
  return folder;
}

/** What each test of the top level has come to. */
async function runSuite(folder) {
  const files = readdirSync(join(folder, 'test')).filter((file) => file.endsWith('.test.js'));
  const results = [];
  const note = ({ file = '', name, nesting, details }) => {
    const [found] = files.filter((each) => file.endsWith(`/${each}`));
    if (!found || nesting > 0 || name.endsWith(found)) return;
    results.push({ file: found.replace('.test.js', ''), title: name, error: details.error });
  };
  const stream = run({ files: files.map((file) => join(folder, 'test', file)), timeout: 60_000 });
  stream.on('test:pass', note).on('test:fail', note);
  await once(stream.resume(), 'end');
  return results.map((result) => ({ ...result, name: `${result.file}: ${result.title}` }));
}

function report(results) {
  const docs = readFileSync(DOCS, 'utf8');
  const different = new Set(testsIn(docs, 'What stays different'));
  const inapplicable = new Set(testsIn(docs, 'Tests that do not apply'));
  const applicable = results.filter(({ name, file }) => !inapplicable.has(name) && !inapplicable.has(file));
  const failed = applicable.filter(({ error }) => error);
  for (const { name, error } of failed) console.log(`${name}\n    ${(error.cause?.message ?? '').split('\n')[0]}`);
  const surprises = applicable.filter(({ name, error }) => Boolean(error) !== different.has(name));
  const known = new Set(results.flatMap(({ name, file }) => [name, file]));
  const gone = [...different, ...inapplicable].filter((name) => !known.has(name));
  for (const name of [...surprises.map((result) => result.name), ...gone])
    console.error(`docs/34-coming-from-fastify-session.md says otherwise: ${name}`);
  const counts = `${applicable.length - failed.length} of the ${applicable.length} tests that apply passed`;
  console.log(`\n${counts}, ${results.length - applicable.length} do not apply`);
  return surprises.length === 0 && gone.length === 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const checkout = resolve(process.env.FASTIFY_SESSION_SUITE ?? '');
  if (!existsSync(join(checkout, 'test/verifyPath.test.js'))) {
    console.error('Set FASTIFY_SESSION_SUITE to a checkout of fastify/session, see CONTRIBUTING.md.');
    process.exit(2);
  }
  const folder = await prepare(checkout);
  try {
    process.exitCode = report(await runSuite(folder)) ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
