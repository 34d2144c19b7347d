// What tests over HTTP use: an app, its browsers, its clock and its database.
export { type AppOptions, type Platform, PLATFORMS, sharedApp, startApp, type TestApp, TestLog } from './app.js';
export { HttpClient, read, type Reply, type RequestOptions } from './http-client.js';
export { failCommand, type FailCommand, type TestDatabase, testDatabase } from './mongo.js';
export { ObservedStore } from './core/observed-store.js';
