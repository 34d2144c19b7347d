import type { Kept } from '../session/operation-checks.js';
import { type Login, isSameUser } from '../session/login.js';
import type { SessionState } from '../session/session-state.js';
import { type LoginProtocol, LoginRefusal } from './login-protocol.interface.js';
import type { SecretWriter, WrittenSecret } from './secret-writer.js';
import type { CookieAction, SessionContext } from './session-context.js';

/** What a login needs to know of its request. */
export interface LoginRequest {
  /**
   * What a new session holds from the start. Asked for there only: it decodes what nobody has
   * looked at.
   */
  readonly data: () => object;
  /** Whether a new token can reach the client. @default true */
  readonly canSend?: boolean;
  /** By `performance.now()`. */
  readonly deadline?: number;
}

/** Makes sessions their user's. */
export class SessionLogins {
  constructor(
    private readonly context: SessionContext,
    private readonly secrets: SecretWriter,
    private readonly protocol: LoginProtocol,
  ) {}

  /**
   * A new secret for the session, which is that user's from now on: both clocks restart. A new
   * session is stored at once.
   */
  async login(
    state: SessionState,
    keep: Kept,
    login: Login,
    { data, canSend = true, deadline }: LoginRequest,
  ): Promise<CookieAction> {
    if (state.status !== 'stored' && !canSend) {
      this.context.begin(state, login);
      return undefined;
    }
    const { userId, since = state.arrivedAt, maxSessions } = login;
    const attempt = {
      userId,
      handle: state.status === 'stored' ? state.token.handle : undefined,
      isSameUser: isSameUser(state.userId, userId),
      provedAfter: Math.min(since, state.arrivedAt),
      maxSessions,
      deadline,
    };
    let written: WrittenSecret | undefined;
    try {
      await this.protocol.run(attempt, async () => {
        written = await this.secrets.replace(state, keep, login);
        if (!written) this.secrets.refuseLost(state, keep);
        written ??= await this.secrets.insert(state, data(), login);
        return written.handle;
      });
    } catch (error) {
      // Its login has removed it: what the request goes on with is a blank one.
      if (error instanceof LoginRefusal && error.hasRemoved) this.context.begin(state);
      throw error;
    }
    written!.apply();
    return 'set';
  }
}
