export class UsageError extends Error {}
export interface BenchOptions {
  mode: 'full' | 'quick' | 'pool' | 'far' | 'page';
  json?: string;
  only?: Record<string, string[]>;
  rounds?: number;
  seconds?: number;
  baseline?: string;
  node: { path: string; version: string };
}
export function readOptions(args: string[]): BenchOptions;
