import type { BsonCodec } from '../data/session-codec.interface.js';
import { type DeviceSettings, type SessionDevice, decodeDevice } from '../session/device.js';
import type { ListedSession } from '../store/user-session-store.interface.js';
import type { SessionHandle } from '../token/session-token.js';

/** One session of a user, as a list shows it. */
export interface UserSession extends SessionDevice {
  /** Public name of the session: what `revoke()` takes. */
  readonly handle: SessionHandle;
  /** Whether it is the session that asked for the list. */
  readonly isCurrent: boolean;
  /** Whether it outlives the browser. */
  readonly isPermanent: boolean;
  /** How the user was authenticated, as `login()` was told. */
  readonly amr?: readonly string[];
  readonly createdAt: Date;
  /** When the user logged in. */
  readonly authenticatedAt: Date;
  /**
   * To a tenth of the idle time. With the option `devices` to 5 minutes, or to a tenth of the idle
   * time if that is less.
   */
  readonly lastSeenAt: Date;
  /** When it ends if it is not used again. */
  readonly expiresAt: Date;
}

export function toUserSession(
  codec: BsonCodec,
  devices: DeviceSettings | undefined,
  session: ListedSession,
  current: SessionHandle | undefined,
): UserSession {
  const { handle, amr, createdAt, authenticatedAt = createdAt, lastSeenAt, expiresAt, permanent, device } = session;
  return {
    handle,
    isCurrent: handle === current,
    isPermanent: permanent !== undefined,
    ...(amr && { amr }),
    createdAt: new Date(createdAt),
    authenticatedAt: new Date(authenticatedAt),
    lastSeenAt: new Date(lastSeenAt),
    expiresAt: new Date(expiresAt),
    ...decodeDevice(codec, devices, device),
  };
}
