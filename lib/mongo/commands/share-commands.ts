import type { SessionCollection } from '../documents/session-document.interface.js';
import { CommandBatcher, type CommandBatcherOptions, MAX_BATCH } from './command-batcher.js';
import type { Limits, OperationRunner } from './operation-runner.js';
import type { PendingJob } from './pending-job.js';

interface SharedCommand<Job, Result> extends Pick<CommandBatcherOptions<Job, Result>, 'action' | 'bytesOf'> {
  /** See `CommandBatcherOptions.send`. */
  readonly send: (
    collection: SessionCollection,
    limits: Limits,
    jobs: readonly PendingJob<Job, Result>[],
  ) => Promise<void>;
}

/** A function that runs one job. Concurrent jobs share a command. */
export function shareCommands<Job, Result>(
  runner: OperationRunner,
  { action, bytesOf, send }: SharedCommand<Job, Result>,
): (job: Job) => Promise<Result> {
  const batcher = new CommandBatcher<Job, Result>({
    action,
    timeoutMs: runner.timeoutMs,
    limits: MAX_BATCH,
    bytesOf,
    maxInFlight: () => runner.maxInFlight,
    send: (jobs, command) => runner.attempt((collection, limits) => send(collection, limits, jobs), command),
  });
  return (job) => runner.guard(action, () => batcher.run(job));
}
