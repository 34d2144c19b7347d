// What the options take of MongoDB's driver and mongoose, of whichever copy or version: only what
// tells one from another.

/** A `Collection` of the driver, or mongoose's own. */
export interface DriverCollection {
  readonly collectionName: string;
  readonly dbName: string;
  findOne(...args: never[]): unknown;
}

/** A `MongoClient` of the driver. */
export interface DriverClient {
  db(...args: never[]): unknown;
  startSession(...args: never[]): unknown;
}

/** A `Db` of the driver. */
export interface DriverDb {
  readonly databaseName: string;
  collection(...args: never[]): unknown;
  command(...args: never[]): unknown;
}

/** A `Connection` of mongoose. */
export interface MongooseConnection {
  getClient(...args: never[]): unknown;
  model(...args: never[]): unknown;
  useDb(...args: never[]): unknown;
}
