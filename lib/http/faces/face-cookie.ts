import { inspect } from 'node:util';
import { SessionError } from '../../core/errors.js';
import { sealMembers } from '../../core/session/reserved-names.js';
import { serializeCookie } from '../../core/token/serialize-cookie.js';
import { type CookieAttributes, type CookieSource, OwnCookieSource } from './cookie-source.js';

/** What a cookie can be made of. Times in milliseconds. */
export interface FaceCookieOptions extends CookieAttributes {
  maxAge?: number | Date | null;
  expires?: Date | null;
  originalMaxAge?: number | null;
}

/** `session.cookie` as express-session and @fastify/session show it. */
export class FaceCookie {
  #source: CookieSource;

  constructor(options: FaceCookieOptions = {}) {
    if (typeof options !== 'object' || options === null)
      throw new TypeError('The argument options of a cookie is no object. Give its attributes.');
    const { maxAge, expires, originalMaxAge, ...attributes } = { path: '/', httpOnly: true, ...options };
    const source = new OwnCookieSource(attributes, () => Date.now());
    this.#source = source;
    if (expires !== undefined) this.expires = expires;
    else if (maxAge !== undefined) this.maxAge = maxAge;
    if (typeof originalMaxAge === 'number') source.originalMaxAge = originalMaxAge;
    Object.freeze(this);
  }

  /** The cookie of a session. */
  static of(source: CookieSource): FaceCookie {
    const cookie = new FaceCookie();
    cookie.#source = source;
    return cookie;
  }

  /** From now on it says what it says now, and its session hears of nothing. */
  static detach(cookie: FaceCookie): void {
    cookie.#source = OwnCookieSource.copyOf(cookie.#source);
  }

  /** How long it lives from now on, in milliseconds; null: until the browser is closed. */
  get maxAge(): number | null {
    const { expires } = this.#source;
    return expires && expires.getTime() - this.#source.now();
  }

  set maxAge(maxAge: number | Date | null | undefined | false) {
    if (maxAge instanceof Date) this.expires = maxAge;
    else if (maxAge === null || maxAge === undefined || maxAge === false) this.#source.setLifetime(null);
    else if (typeof maxAge === 'number' && !Number.isNaN(maxAge)) this.#source.setLifetime(maxAge);
    else throw refused('maxAge', 'a number of milliseconds');
  }

  /** How long it lives from each use of the session on, in milliseconds. */
  get originalMaxAge(): number | null {
    return this.#source.originalMaxAge;
  }

  set originalMaxAge(maxAge: number | Date | null | undefined | false) {
    this.maxAge = maxAge;
  }

  get expires(): Date | null {
    return this.#source.expires;
  }

  set expires(expires: Date | null | undefined | false) {
    if (expires === null || expires === undefined || expires === false) this.#source.setLifetime(null);
    else if (expires instanceof Date && !Number.isNaN(expires.getTime()))
      this.#source.setLifetime(expires.getTime() - this.#source.now(), expires);
    else throw refused('expires', 'a valid date');
  }

  get path() {
    return this.#source.attributes.path;
  }

  set path(path) {
    this.#source.setAttribute('path', path);
  }

  get domain() {
    return this.#source.attributes.domain;
  }

  set domain(domain) {
    this.#source.setAttribute('domain', domain);
  }

  get secure() {
    return this.#source.attributes.secure;
  }

  set secure(secure) {
    this.#source.setAttribute('secure', secure);
  }

  get httpOnly() {
    return this.#source.attributes.httpOnly;
  }

  set httpOnly(httpOnly) {
    this.#source.setAttribute('httpOnly', httpOnly);
  }

  get sameSite() {
    return this.#source.attributes.sameSite;
  }

  set sameSite(sameSite) {
    this.#source.setAttribute('sameSite', sameSite);
  }

  get partitioned() {
    return this.#source.attributes.partitioned;
  }

  set partitioned(partitioned) {
    this.#source.setAttribute('partitioned', partitioned);
  }

  get priority() {
    return this.#source.attributes.priority;
  }

  set priority(priority) {
    this.#source.setAttribute('priority', priority);
  }

  /** All of its attributes. */
  get data() {
    const { originalMaxAge, expires, secure, httpOnly, path, domain, sameSite, partitioned, priority } = this;
    return { originalMaxAge, expires, secure, httpOnly, path, domain, sameSite, partitioned, priority };
  }

  toJSON() {
    return this.data;
  }

  /** A `Set-Cookie` header with its attributes. */
  serialize(name: string, value: string): string {
    const { originalMaxAge: _, ...attributes } = this.data;
    const given = Object.entries(attributes).filter(([, each]) => each !== undefined && each !== null);
    return serializeCookie({ name, value, ...Object.fromEntries(given) });
  }

  /** @internal */
  [inspect.custom]() {
    return this.data;
  }
}

// All sessions share it: `session.cookie.constructor.of = 1` of a request would break every cookie.
sealMembers(FaceCookie, (name) => {
  throw new SessionError('SESSION_VALUE_REFUSED', `session.cookie.${name} is read-only. Assign to maxAge or expires.`);
});

function refused(attribute: string, what: string): SessionError {
  const fix = 'For a cookie that ends with the browser, assign null.';
  return new SessionError('SESSION_VALUE_REFUSED', `session.cookie.${attribute} takes ${what}, or null. ${fix}`);
}
