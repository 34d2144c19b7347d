import { SessionError } from '../../core/errors.js';
import { endWithRequest } from '../../core/request/request-intents.js';
import { BaseSession, type SessionObject } from '../../core/session/session.js';
import type { CookieAttributes, CookieSource } from './cookie-source.js';
import type { RequestSession } from '../request-sessions.js';

/** What shows the session. */
interface CookieOwner {
  readonly access: RequestSession;
  readonly liveSession: SessionObject<object>;
}

/** A session's cookie: its lifetime can be set, and its attributes are options. */
export class SessionCookieSource implements CookieSource {
  constructor(private readonly owner: CookieOwner) {}

  get #session(): SessionObject<object> {
    return this.owner.liveSession;
  }

  get #isEnding(): boolean {
    return BaseSession.stateOf(this.#session)!.endsWithRequest;
  }

  get attributes(): CookieAttributes {
    const { path, domain, secure, httpOnly, sameSite, partitioned, priority } = this.#session.cookie;
    return { path, domain, secure, httpOnly, sameSite, partitioned, priority };
  }

  /** Libraries assign what they have read. */
  setAttribute(name: keyof CookieAttributes, value: unknown): void {
    if (Object.is(value, this.attributes[name])) return;
    const fix = `Set the option \`cookie.${name}\` of the module, which is the same for all sessions.`;
    throw new SessionError('SESSION_OPTION_INVALID', `session.cookie.${name} can't be another one. ${fix}`);
  }

  get expires(): Date | null {
    return this.#isEnding ? new Date(this.now()) : this.#session.cookie.expires;
  }

  get originalMaxAge(): number | null {
    return this.#isEnding ? 0 : this.#session.cookie.originalMaxAge;
  }

  setLifetime(maxAge: number | null): void {
    const session = this.#session;
    const isOver = maxAge !== null && maxAge <= 0;
    if (!isOver) session.permanent = maxAge === null ? false : this.#cut(maxAge);
    endWithRequest(session, isOver);
  }

  #cut(maxAge: number): number {
    const { options, context } = this.owner.access.registration;
    const { idleTimeout } = options.permanent;
    if (maxAge > idleTimeout)
      context.warnOnce(
        `session.cookie.maxAge was cut to \`permanent.idleTimeout\` (${idleTimeout} ms). Raise that, for cookies that live longer.`,
      );
    return Math.max(1, Math.min(maxAge, idleTimeout));
  }

  now(): number {
    return this.owner.access.registration.context.now();
  }
}
