// Part of every test file: fails the file if it leaves something in the process that the next file would find.
import { afterAll, expect, vi } from 'vitest';

const EVENTS = ['uncaughtException', 'unhandledRejection', 'warning', 'exit', 'SIGINT', 'SIGTERM'];

const stateOfProcess = () => ({
  env: { ...process.env },
  listeners: Object.fromEntries(EVENTS.map((event) => [event, process.listenerCount(event)])),
  cwd: process.cwd(),
  hasFakeTimers: vi.isFakeTimers(),
});

const before = stateOfProcess();

// Registered first, so it runs after the hooks of the file.
afterAll(() => expect(stateOfProcess(), 'left behind in the process').toEqual(before));
