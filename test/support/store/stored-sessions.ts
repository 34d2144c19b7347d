// Part of the contract suite that is published: see lib/testing.
export * from '../../../lib/testing/contract/stored-sessions.js';
