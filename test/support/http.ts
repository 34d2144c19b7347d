// What tests over HTTP use: an app, its browsers, its sessions and its database.
export { type AnyResponse, rawOf, takeRaw } from './any-response.js';
export { type AppOptions, type Platform, PLATFORMS, sharedApp, startApp, type TestApp, TestLog } from './app.js';
export { recordCommands } from './commands.js';
export { ObservedStore } from './core/observed-store.js';
export { errorOf } from './error-of.js';
export { HttpClient, read, type Reply, type RequestOptions } from './http-client.js';
export { during, failCommand, type FailCommand, type TestDatabase, testDatabase } from './mongo.js';
export { type Notes, NotesController } from './notes.controller.js';
