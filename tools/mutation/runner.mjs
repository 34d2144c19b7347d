// Stryker's runner for vitest, but for two things that make it many times as quick.
//
// Code that runs at load, or while tests are being collected (`test.each(...)`), counts as "static", and each mutant in it
// would have to face every test there is. Here it faces those that come by later as well; where none does, as with a
// constant, the tests whose file bears the name of the source, or a word of it.
//
// And a mutant meets first, and alone, the test files that have killed most mutants of the same source, or bear its name:
// few get past these, and to load a dozen test files takes longer than to run them.
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { strykerPlugins as originals } from '@stryker-mutator/vitest-runner';

const [{ kind, factory }] = originals;

function create(injector) {
  const runner = factory(injector);
  const dryRun = runner.dryRun.bind(runner);
  const mutantRun = runner.mutantRun.bind(runner);
  /** Source -> test file -> how many mutants of the one the other has killed. */
  const killsOf = new Map();

  runner.dryRun = async (options) => {
    const result = await dryRun(options);
    const { static: atLoad, perTest } = result.mutantCoverage ?? { static: {}, perTest: {} };
    for (const coverage of Object.values(perTest)) for (const mutant of Object.keys(coverage)) delete atLoad[mutant];
    for (const [source, mutants] of mutantsBySource()) {
      const tests = result.tests.map(({ id }) => id);
      const kin = tests.filter((id) => kinship(fileOf(id), source) > 0);
      const facing = kin.length > 0 ? kin : tests.filter((id) => BROADEST.includes(fileOf(id)));
      for (const mutant of mutants.filter((id) => id in atLoad)) {
        for (const id of facing) (perTest[id] ??= {})[mutant] = atLoad[mutant];
        delete atLoad[mutant];
      }
    }
    return result;
  };

  runner.mutantRun = async (options) => {
    const source = options.sandboxFileName;
    const kills = killsOf.get(source) ?? new Map();
    killsOf.set(source, kills);
    const worth = options.testFilter.filter((test) => isWorthWaiting(test, source));
    let result;
    for (const stage of stagesOf(worth.length > 0 ? worth : options.testFilter, source, kills)) {
      result = await mutantRun({ ...options, testFilter: stage });
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
  const covering = new Map();
  for (const file of tests.map(fileOf)) covering.set(file, (covering.get(file) ?? 0) + 1);
  const rank = (file) => (kills.get(file) ?? 0) + kinship(file, source) + covering.get(file) / 10_000;
  const likely = [...covering.keys()].toSorted((a, b) => rank(b) - rank(a)).slice(0, 4);
  const others = tests.filter((test) => !likely.includes(fileOf(test)));
  const stages = likely.map((file) => tests.filter((test) => fileOf(test) === file));
  return others.length > 0 && !isQuick ? [...stages, others] : stages;
}

/** 2 for the test file of that name, 0.5 for one that shares a word with it. */
function kinship(file, source) {
  const name = basename(source, '.ts');
  if ([`${name}.test.ts`, `mongo-${name}.test.ts`].includes(basename(file))) return 2;
  return wordsOf(file).some((word) => wordsOf(source).includes(word)) ? 0.5 : 0;
}

/** For sources that no test file is named after. */
const BROADEST = [
  'test/unit/core/request/request-cycle.test.ts',
  'test/unit/core/lifecycle/session-end.test.ts',
  'test/unit/core/store/session-store.test.ts',
];

/** `lib/mongo/connection/native-source.ts` and `test/unit/mongo/mongo-sources.test.ts` have one in common. */
function wordsOf(path) {
  const words = basename(path)
    .replace(/(\.test)?\.ts$/, '')
    .split(/[-.]/);
  return words.filter((word) => !['session', 'mongo', 'store'].includes(word)).map((word) => word.replace(/s$/, ''));
}

/** Stryker does not tell a runner where its mutants are, but has written it into the sandbox's sources. */
function mutantsBySource() {
  const sources = ['core', 'mongo'].flatMap((folder) =>
    readdirSync(join('lib', folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join('lib', folder, file)),
  );
  return sources.map((source) => {
    const ids = readFileSync(source, 'utf8').matchAll(/stryMutAct_\w+\("(\d+)"\)/g);
    return [source, [...new Set(Array.from(ids, ([, id]) => id))]];
  });
}

const fileOf = (test) => test.slice(0, test.indexOf('#'));

export const strykerPlugins = [{ kind, name: 'vitest-by-test', factory: create }];
