// Ends every test run with one plain line, `N passed, N failed`, that people and CI can read. A skipped test is named.
import type { Reporter, SerializedError, TestModule, TestRunEndReason } from 'vitest/node';

export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[], reason: TestRunEndReason): void {
    let passed = 0;
    let failed = unhandled.length;
    const skipped: string[] = [];
    for (const module of modules) {
      // A file that could not be loaded, and a hook that threw, have no test of their own to fail.
      failed += module.errors().length;
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') passed += 1;
        else if (result.state === 'failed') failed += 1;
        else if (!isFiltered(module)) skipped.push(`${module.relativeModuleId} > ${test.fullName}${noteOf(result)}`);
      }
    }
    if (reason !== 'passed' && failed === 0) failed = 1;
    if (passed + failed === 0) {
      console.log('no test ran');
      failed = 1;
      process.exitCode = 1;
    }
    for (const name of skipped) console.log(`skipped: ${name}`);
    console.log(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
  }
}

/** `vitest -t name` asked for some tests only: the others are not skipped, they were never wanted. */
function isFiltered(module: TestModule): boolean {
  return module.project.config.testNamePattern !== undefined;
}

function noteOf(result: { state: string; note?: string | undefined }): string {
  return result.note ? ` (${result.note})` : result.state === 'pending' ? ' (did not run)' : '';
}
