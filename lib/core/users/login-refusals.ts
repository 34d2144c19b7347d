import { LoginRefusal } from '../lifecycle/login-protocol.interface.js';

export function limitReached(limit: number, hasRemoved: boolean): LoginRefusal {
  const fix = 'Let the user choose one to end: MongoSessions.of(userId).list() and revoke(handle), then log in again.';
  return new LoginRefusal(
    'SESSION_LIMIT_REACHED',
    `The user has ${limit} sessions already, and no more are allowed. ${fix}`,
    hasRemoved,
  );
}

export function loginRevoked(hasRemoved: boolean): LoginRefusal {
  const what = "The user's sessions were revoked while this login was in flight.";
  return new LoginRefusal(
    'SESSION_LOGIN_REVOKED',
    `${what} Let the user log in again. To end the other sessions after a login, call login() first, then revokeOthers().`,
    hasRemoved,
  );
}

export function contendedUser(hasRemoved: boolean): LoginRefusal {
  const what = "The user's sessions were changed by other logins each time before this one could change them.";
  return new LoginRefusal('SESSION_CONTENDED', `${what} Send the request again.`, hasRemoved);
}
