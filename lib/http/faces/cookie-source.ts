import type { CookieSettings } from '../../core/session/session-operations.interface.js';

/** The attributes of a cookie, which need not be one of ours. */
export type CookieAttributes = Partial<Omit<CookieSettings, 'httpOnly'> & { readonly httpOnly: boolean }>;

/** Where a cookie keeps what it says. */
export interface CookieSource {
  readonly attributes: CookieAttributes;
  setAttribute(name: keyof CookieAttributes, value: unknown): void;
  /** Null: it ends with the browser. */
  readonly expires: Date | null;
  /** In milliseconds. */
  readonly originalMaxAge: number | null;
  /**
   * @param maxAge milliseconds from now on, not above 0 for a time that is past; null: until the
   * browser is closed
   * @param expires the same as it was given, if it was a date
   */
  setLifetime(maxAge: number | null, expires?: Date): void;
  now(): number;
}

/** Of a cookie that belongs to no session, or no longer. */
export class OwnCookieSource implements CookieSource {
  expires: Date | null = null;
  originalMaxAge: number | null = null;

  constructor(
    public attributes: CookieAttributes,
    readonly now: () => number,
  ) {}

  /** What a cookie says at this moment. */
  static copyOf(source: CookieSource): OwnCookieSource {
    const copy = new OwnCookieSource({ ...source.attributes }, () => source.now());
    copy.expires = source.expires;
    copy.originalMaxAge = source.originalMaxAge;
    return copy;
  }

  setAttribute(name: keyof CookieAttributes, value: unknown): void {
    this.attributes = { ...this.attributes, [name]: value };
  }

  setLifetime(maxAge: number | null, expires?: Date): void {
    this.expires = expires ?? (maxAge === null ? null : new Date(this.now() + maxAge));
    this.originalMaxAge = maxAge;
  }
}
