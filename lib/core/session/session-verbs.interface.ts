/** What `regenerate` keeps of the data: nothing, everything, or the keys named. */
export interface RegenerateOptions {
  /** @default false */
  keep?: boolean | readonly string[];
}

/** What a session asks of the request that it belongs to. */
export interface SessionVerbs {
  save(): Promise<void>;
  reload(): Promise<void>;
  touch(): Promise<void>;
  destroy(): Promise<void>;
  regenerate(options: RegenerateOptions): Promise<void>;
  setPermanent(permanent: boolean | number): void;
  expiresAt(): number;
  now(): number;
}
