/**
 * As much of a test runner as the contract suite needs; Vitest and Jest have it: `import {
 * describe, test, expect } from 'vitest'`.
 */
export interface TestRunner {
  describe: (name: string, tests: () => void) => unknown;
  test: (name: string, body: () => Promise<void>) => unknown;
  expect: (actual: unknown) => Expectation & { not: Expectation };
}

/** As much of what `expect` gives as the contract suite needs. */
export interface Expectation {
  toBe(expected: unknown): void;
  toEqual(expected: unknown): void;
  toMatchObject(expected: object): void;
  toHaveLength(length: number): void;
  toHaveProperty(name: string): void;
  toBeInstanceOf(type: abstract new (...args: never[]) => unknown): void;
  toBeUndefined(): void;
}
