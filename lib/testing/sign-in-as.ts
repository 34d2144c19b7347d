import type { INestApplicationContext } from '@nestjs/common';
import { refuseUnknownOf } from '../core/option-checks.js';
import { checkData } from './check-data.js';
import type { SessionUserId } from '../core/session/user-id.js';
import { type MongoSessions, registrationOf } from '../nest/mongo-sessions.service.js';
import { getSessionsToken } from '../nest/tokens.js';

/** The session that `signInAs` makes. */
export interface SignInOptions {
  /** Whose session it is; undefined: nobody's. */
  userId?: SessionUserId;
  /** How the user has proved who it is. */
  amr?: readonly string[];
  /** The session's data. */
  data?: object;
  /** Name of the registration, where there are several. @default 'default' */
  name?: string;
  /**
   * Whether the requests to come are https as the app sees it: the cookie has another name then.
   * @default false
   */
  secure?: boolean;
}

/** What a request has to bring to have the session. */
export interface SignedIn {
  /** Public name of the session. */
  readonly handle: string;
  /** The request header: `{ cookie: 'id=...' }`, or that of the option `transport`. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Puts a session in the app's own store, as a login would have, and tells what a request has to
 * bring to have it: no test has to go through the login page.
 *
 * ```ts
 * const { headers } = await signInAs(app, { userId: 'ada', data: { cart: [] } });
 * await request(app.getHttpServer()).get('/orders').set(headers).expect(200);
 * ```
 */
export async function signInAs(app: INestApplicationContext, options: SignInOptions): Promise<SignedIn> {
  refuseUnknownOf('signInAs', options, ['userId', 'amr', 'data', 'name', 'secure']);
  const { userId, amr, data = {}, name, secure = false } = options;
  const registration = registrationOf(app.get<MongoSessions>(getSessionsToken(name), { strict: false }));
  checkData(data);
  const state = registration.context.newState(registration.context.now());
  if (userId !== undefined) await registration.logins.login(state, [], { userId, amr }, { data: () => data });
  const commit = registration.committer.prepare(state, data, true);
  if (!commit && state.status === 'new')
    throw new TypeError('signInAs: a session with neither data nor a user is not stored. Give `data` or `userId`.');
  await commit?.();
  const [header, value] = registration.transport.requestHeader(state.token, secure);
  return { handle: state.token.handle, headers: { [header]: value } };
}
