import type { SessionContext } from '../lifecycle/session-context.js';
import { makeReadonly } from '../session/readonly-session.js';
import { clearData, showData } from '../session/shown-data.js';
import type { UnitOfWork } from './unit-of-work.js';

/**
 * Shows a session as it is stored, and from now on only to be read. What was set and not saved is
 * gone. The values are decoded again, because makeReadonly() freezes what it finds.
 */
export function showReadonly(work: UnitOfWork, context: SessionContext): void {
  const { session, state } = work;
  clearData(session);
  showData(session, state, context.codec, (warning) => context.warnOnce(warning));
  makeReadonly(session, work);
}
