import { EMPTY_DOCUMENT } from '../data/bson-elements.js';
import { decodeDevice, deviceChanges, encodeDevice, readDevice } from '../session/device.js';
import { fullTouchIsDue, lastSeenIsDue, touchIsDue } from '../session/expiry.js';
import { type Login, isSameUser } from '../session/login.js';
import type { SessionState, SessionUse } from '../session/session-state.js';
import type { SessionContext } from './session-context.js';

/** The use that is to be written now, if any. */
export function dueUse(context: SessionContext, state: SessionState): SessionUse | undefined {
  const { options } = context;
  if (!state.countsAsUse) return undefined;
  if (!isListed(context, state)) return touchIsDue(options, state, state.usedAt) ? fullUse(context, state) : undefined;
  if (fullTouchIsDue(options, state, state.usedAt)) return fullUse(context, state);
  if (!lastSeenIsDue(options, state, state.usedAt)) return undefined;
  return { lastSeenAt: state.usedAt, ...deviceOfUse(context, state) };
}

/** A use that prolongs the session. */
export function fullUse(context: SessionContext, state: SessionState): SessionUse {
  return { times: context.timesAt(state.usedAt, state), ...deviceOfUse(context, state) };
}

/**
 * The device of a session that gets a new token; empty: none. Undefined: there is nothing to
 * change.
 */
export function deviceAfter(
  { options, codec }: SessionContext,
  state: SessionState,
  login: Login | undefined,
): Uint8Array | undefined {
  if (!login || !options.devices) return state.device && EMPTY_DOCUMENT;
  const wasTheirs = isSameUser(state.userId, login.userId);
  // A user who only proves again who it is keeps the name of the device.
  const label = login.label ?? (wasTheirs ? decodeDevice(codec, options.devices, state.device)?.label : undefined);
  const device = state.client && readDevice(options.devices, state.client);
  return encodeDevice(codec, { ...device, ...(label !== undefined && { label }) });
}

/** Whether the session is in a list of devices: it has a user. */
function isListed({ options }: SessionContext, { userId }: SessionState): boolean {
  return options.devices !== undefined && userId !== undefined;
}

function deviceOfUse(context: SessionContext, state: SessionState): Pick<SessionUse, 'device'> {
  const { devices } = context.options;
  if (!devices || !state.client || !isListed(context, state)) return {};
  const device = deviceChanges(context.codec, devices, state.device, state.client);
  return device ? { device } : {};
}
