// Stryker's runner for vitest, but for two things that make it many times as quick.
//
// Code that tests run while they are being collected (`test.each(...)`) as well as later would count as "static", and each
// mutant in it would have to face every test there is, instead of those that come by. Only what runs nowhere but at load
// stays static.
//
// And a mutant meets first, and alone, the test files that have killed most mutants of the same source, or bear its name:
// few get past these, and to load a dozen test files takes longer than to run them.
import { readdirSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { strykerPlugins as originals } from '@stryker-mutator/vitest-runner';

const [{ kind, factory }] = originals;

function create(injector) {
  const runner = factory(injector);
  const dryRun = runner.dryRun.bind(runner);
  const mutantRun = runner.mutantRun.bind(runner);
  const run = runner.run.bind(runner);
  /** Source -> test file -> how many mutants of the one the other has killed. */
  const killsOf = new Map();

  runner.dryRun = async (options) => {
    const result = await dryRun(options);
    const { static: atLoad = {}, perTest = {} } = result.mutantCoverage ?? {};
    for (const coverage of Object.values(perTest)) for (const mutant of Object.keys(coverage)) delete atLoad[mutant];
    return result;
  };

  runner.mutantRun = async (options) => {
    const source = options.sandboxFileName;
    const kills = killsOf.get(source) ?? new Map();
    killsOf.set(source, kills);
    const tests = options.testFilter?.filter((test) => isWorthWaiting(test, source));
    let result;
    for (const stage of stagesOf(tests, source, kills)) {
      runner.run = (given) => run({ ...given, ...stage.files });
      result = await mutantRun({ ...options, testFilter: stage.tests });
      /** @type {string} */
      const status = result.status;
      if (status !== 'survived') break;
    }
    for (const test of result.killedBy ?? []) kills.set(fileOf(test), (kills.get(fileOf(test)) ?? 0) + 1);
    return result;
  };
  return runner;
}
create.inject = factory.inject;

/**
 * Tests that take seconds, for they wait by nature, and the sources that they are about: whatever else they come by is held
 * to account by quicker ones.
 */
const WAITING = [
  [/^test\/store\/mongo-(failures|recovery)/, /lib\/mongo/],
  [/^test\/store\/mongo-recovery.* by (?!uri)/, /-source|client-state/],
  [
    /^test\/store\/mongo-failures.*(gives its connection back|waits for indexes)/,
    /deadline|operation-runner|index-keeper/,
  ],
];

function isWorthWaiting(test, source) {
  return WAITING.every(([waits, about]) => !waits.test(test) || about.test(source));
}

/** Set by `--quick`: the likeliest test files are all that a mutant faces, so the score is a lower bound. */
const isQuick = process.env.MUTATION_QUICK === '1';

/** The test files that are likeliest to find it, one by one, and then all others. */
function stagesOf(tests, source, kills) {
  const own = [`${basename(source, '.ts')}.test.ts`, `mongo-${basename(source, '.ts')}.test.ts`];
  const covering = new Map();
  for (const file of (tests ?? []).map(fileOf)) covering.set(file, (covering.get(file) ?? 0) + 1);
  const words = wordsOf(source);
  const kinship = (file) =>
    own.includes(basename(file)) ? 2 : wordsOf(file).some((word) => words.includes(word)) ? 0.5 : 0;
  const rank = (file) => (kills.get(file) ?? 0) + kinship(file) + (covering.get(file) ?? 0) / 10_000;
  const likely = (tests ? [...covering.keys()] : TEST_FILES)
    .filter((file) => rank(file) > 0)
    .toSorted((a, b) => rank(b) - rank(a))
    .slice(0, 4);
  // Static: no tests are named. All of them would take a quarter of a minute for each constant that nobody notices.
  if (!tests && likely.length === 0) likely.push('test/core/request-cycle.test.ts', 'test/store/session-store.test.ts');
  if (!tests) return likely.map((file) => ({ files: { testFiles: [file] } }));
  const others = tests.filter((test) => !likely.includes(fileOf(test)));
  const stages = likely.map((file) => ({ tests: tests.filter((test) => fileOf(test) === file) }));
  return others.length > 0 && !isQuick ? [...stages, { tests: others }] : stages;
}

/** `lib/mongo/native-source.ts` and `test/store/mongo-sources.test.ts` have one in common. */
function wordsOf(path) {
  const words = basename(path)
    .replace(/(\.test)?\.ts$/, '')
    .split(/[-.]/);
  return words.filter((word) => !['session', 'mongo', 'store'].includes(word)).map((word) => word.replace(/s$/, ''));
}

const TEST_FILES = ['core', 'store'].flatMap((folder) =>
  readdirSync(join('test', folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => ['test', folder, ...file.split(sep)].join('/')),
);

const fileOf = (test) => test.slice(0, test.indexOf('#'));

export const strykerPlugins = [{ kind, name: 'vitest-by-test', factory: create }];
