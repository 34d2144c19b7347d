export { MongoSessionsModule } from './nest/mongo-sessions.module.js';
export { SaveSession } from './nest/sockets/save-session.interceptor.js';
export { MongoSessions } from './nest/mongo-sessions.service.js';
export { SessionEvents } from './nest/session-events.service.js';
export { CurrentSession } from './nest/contexts/current-session.js';
export {
  getCurrentSessionToken,
  getSessionClockToken,
  getSessionEventsToken,
  getSessionModelToken,
  getSessionStoreToken,
  getSessionsToken,
} from './nest/tokens.js';
export type { DriverClient, DriverCollection, DriverDb, MongooseConnection } from './core/options/driver-types.js';
export type { SessionOptionsFactory } from './nest/mongo-sessions.module-definition.js';
export { InjectSessionModel } from './nest/decorators/inject-session-model.decorator.js';
export type { SessionSource } from './nest/contexts/find-session.js';
export type { EditOptions, SessionEditor } from './core/request/job-sessions.js';
export { ReadonlySession } from './nest/guards/readonly-session.decorator.js';
export { RequireSession, type RequireSessionOptions } from './nest/guards/require-session.decorator.js';
export { SessionUser, type SessionUserOptions } from './nest/decorators/session-user.decorator.js';
export { FreshSession, type FreshSessionOptions } from './nest/guards/fresh-session.decorator.js';
export { Session, type SessionDecorator, type SessionTarget } from './nest/decorators/session.decorator.js';
export type { SessionData } from './core/session/session-data.interface.js';
export type { SessionObject } from './core/session/session.js';
export { flash } from './core/session/flash.js';
export type { SessionCookie } from './core/session/session-cookie.js';
export type { PushOptions } from './core/session/atomic-changes.js';
export type {
  LoginOptions,
  LogoutOptions,
  RegenerateOptions,
  SaveOptions,
} from './core/session/session-operations.interface.js';
export type { SessionDevice } from './core/session/device.js';
export type { SessionEnd } from './core/lifecycle/session-ends.js';
export type { SessionUserId } from './core/session/user-id.js';
export type { SessionHandle } from './core/token/session-token.js';
export type {
  RejectionReason,
  RemovedSession,
  RevocationCause,
  SessionDestroyedEvent,
  SessionEvent,
  SessionEventType,
  SessionExpiredEvent,
  SessionLifeCycleEvent,
  SessionLifeCycleEventType,
  NotMovedInReason,
  SessionLoggedInEvent,
  SessionMovedInEvent,
  SessionNotMovedInEvent,
  SessionRejectedEvent,
  SessionReusedEvent,
  SessionRevokedEvent,
} from './core/lifecycle/session-events.js';
export type { UserSession } from './core/users/user-session.js';
export type { ListOptions, OwnSessions, RevokeOptions, UserSessions } from './core/users/user-sessions.js';
export { SessionError, type SessionErrorCode } from './core/errors.js';
export type { SessionRequest, ShownSession } from './http/session-request.js';
export { SessionException } from './nest/session-exception.js';
export { DeviceOptions } from './core/options/device-options.js';
export { PermanentOptions, SessionOptions } from './core/options/session-options.js';
export { type RequestSessionFace, RequestSessionOptions } from './core/options/request-session-options.js';
export { SocketOptions } from './core/options/socket-options.js';
export type { SessionImporter } from './core/options/session-importer.interface.js';
export { WatchOptions } from './core/options/watch-options.js';
export { type OfRequest, SessionCookieOptions } from './core/options/session-cookie-options.js';
export type { UserContext, UserLoader } from './core/options/user-loader.js';
export { SESSION_PROFILES, type ProfileLimits, type SessionProfile } from './core/options/session-profiles.js';
export {
  type EncryptionKeyInput,
  type EncryptionKeyProvider,
  EncryptionOptions,
} from './core/encryption/encryption-options.js';
export type { Duration } from './core/duration.js';
export type { Clock } from './core/clock.interface.js';
export { MemorySessionStore } from './core/store/memory-session.store.js';
export type {
  SecretReplacement,
  SessionChange,
  SessionStore,
  SessionTimes,
  StoredSession,
  WriteTarget,
} from './core/store/session-store.interface.js';
export type {
  DeviceChange,
  ListedSession,
  SessionOwner,
  TakenSession,
  UserSessionStore,
} from './core/store/user-session-store.interface.js';
export type { SeatedSession, SeatStore, StoredUser, UsersRead } from './core/store/seat-store.interface.js';
export type { CountableStore } from './core/store/countable-store.interface.js';
export type { SweepableStore } from './core/store/sweepable-store.interface.js';
export type { Burial, MovingStore } from './core/store/moving-store.interface.js';
export type { PeekedSession, WatchableStore } from './core/store/watchable-store.interface.js';
export type { DataBounds } from './core/data/data-bounds.js';
export type { TokenRenewal } from './core/token/renewal.js';
export type { SessionDocument } from './mongo/documents/session.schema.js';
