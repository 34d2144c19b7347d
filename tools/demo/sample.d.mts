export type Platform = 'express' | 'fastify';

export interface BuiltSample {
  /** Where it stands, compiled; inside the clone's .cache. */
  readonly folder: string;
  /** Removes the folder. */
  remove(): Promise<void>;
}

export interface RunningApp {
  readonly platform: Platform;
  readonly url: string;
  /** Settles when its process has ended. */
  readonly ended: Promise<unknown>;
  /** All that it has printed so far. */
  output(): string;
  /** Ends its process and waits for that. */
  stop(): Promise<void>;
}

/** Builds sample/`name` with the library of this clone. */
export function buildSample(name: string, options?: { signal?: AbortSignal }): Promise<BuiltSample>;

/** Starts a built sample on a free port of 127.0.0.1; it ends with the process that called this, however that ends. */
export function startApp(options: {
  folder: string;
  platform: Platform;
  /** The database for its sessions. */
  uri: string;
  signal?: AbortSignal;
  /** The program, in the sample's `dist`. @default 'main.js' */
  main?: string;
}): Promise<RunningApp>;
