export interface Visitor {
  readonly user: string;
  readonly cookie: string;
}

/** A part of `Collection`, of any copy of the driver. */
interface Target {
  insertMany(documents: readonly object[], options: object): Promise<unknown>;
  createIndex(key: object, options: object): Promise<unknown>;
}

export function storeSessions(collection: Target, count: number): Promise<Visitor[]>;
