export { MemorySessionStore } from '../core/store/memory-session.store.js';
export { describeSessionStore } from './contract/describe-session-store.js';
export type { Expectation, TestRunner } from './contract/test-runner.interface.js';
export { type FakeSessionOptions, fakeSession } from './fake-session.js';
export { SessionClient } from './session-client.js';
export { type SignedIn, type SignInOptions, signInAs } from './sign-in-as.js';
export { TestClock } from './test-clock.js';
export { type MemorySessionsOptions, useMemorySessions } from './use-memory-sessions.js';
