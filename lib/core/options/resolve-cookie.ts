import { booleanAt, oneOf, optionError, refuseUnknown, withDefaults } from '../option-checks.js';
import type { ResolvedCookieOptions } from '../token/cookie-options.interface.js';
import { SessionCookieOptions } from './session-cookie-options.js';

/**
 * A token of RFC 9110, section 5.6.2: the characters of a cookie's name (RFC 6265, section 4.1.1).
 */
const COOKIE_NAME = /^[!#$%&'*+\-.^_`|~\w]+$/;

/** Can be used in a Set-Cookie attribute as it is, and is accepted by the `cookie` package. */
const ATTRIBUTE = /^[\x21-\x3a\x3d-\x7e]{1,1024}$/;

/** Labels of letters, digits and inner dashes (RFC 1123, section 2.1). */
const DOMAIN = /^\.?[a-z\d]([a-z\d-]{0,61}[a-z\d])?(\.[a-z\d]([a-z\d-]{0,61}[a-z\d])?)*$/i;

/**
 * Maximum length of a name that leaves the pair of name and value well below 4,096 bytes (RFC
 * 6265bis, section 5.6).
 */
const MAX_NAME_LENGTH = 256;

/** Attributes that may be functions of the request. */
const COMPUTED = ['secure', 'sameSite', 'domain', 'path'] as const;

/** Fills in the cookie's defaults and refuses what browsers would silently drop. */
export function resolveCookie(given: SessionCookieOptions, registration: string): ResolvedCookieOptions {
  refuseUnknown('cookie.', given, [...Object.keys(new SessionCookieOptions()), 'name', 'domain', 'priority']);
  const computed = COMPUTED.filter((name) => typeof given[name] === 'function');
  if (computed.length === 0) return resolveAttributes(given, registration, true);
  const fixed = { ...given, ...Object.fromEntries(computed.map((name) => [name, undefined])) };
  const mayBeHostOnly = !computed.includes('domain') && !computed.includes('path');
  const { plainName, secureName, ...attributes } = resolveAttributes(fixed, registration, mayBeHostOnly);
  const forRequest = (request: object, hostname: string | undefined) => {
    const values = computed.map((name) => [name, (given[name] as (of: object) => unknown)(request)] as const);
    const resolved = resolveAttributes({ ...given, ...Object.fromEntries(values) }, registration, mayBeHostOnly);
    refuseForeignDomain(resolved.domain, hostname);
    return { ...resolved, plainName, secureName };
  };
  return { plainName, secureName, ...attributes, forRequest };
}

function refuseForeignDomain(domain: string | undefined, hostname: string | undefined): void {
  const parent = domain?.replace(/^\./, '').toLowerCase();
  const host = hostname?.toLowerCase();
  if (parent === undefined || host === undefined || host === parent || host.endsWith(`.${parent}`)) return;
  throw optionError(
    'cookie.domain',
    domain,
    'The host of the request is not below it. Return its own domain, or undefined.',
  );
}

function resolveAttributes(
  given: SessionCookieOptions,
  registration: string,
  mayBeHostOnly: boolean,
): ResolvedCookieOptions {
  const options = withDefaults(new SessionCookieOptions(), given);
  const secure = oneOf('cookie.secure', options.secure, ['auto', true, false] as const);
  const sameSite = oneOf('cookie.sameSite', options.sameSite, ['auto', 'lax', 'strict', 'none'] as const);
  const partitioned = booleanAt('cookie.partitioned', options.partitioned);
  const { path, domain, priority } = options as { path: string; domain?: string } & Pick<
    SessionCookieOptions,
    'priority'
  >;
  refuseAttribute('path', path, (text) => text.startsWith('/'), "Give a path that starts with '/'.");
  if (domain !== undefined)
    refuseAttribute('domain', domain, (text) => DOMAIN.test(text), "Give a host name, such as 'example.org'.");
  if (priority !== undefined) oneOf('cookie.priority', priority, ['low', 'medium', 'high']);
  if (sameSite === 'none' && secure !== true) {
    throw optionError(
      'cookie.sameSite',
      sameSite,
      'Browsers drop SameSite=None without Secure: set `cookie.secure: true`.',
    );
  }
  if (partitioned && secure !== true) {
    throw optionError(
      'cookie.partitioned',
      partitioned,
      'Browsers drop Partitioned without Secure: set `cookie.secure: true`.',
    );
  }
  const hostOnly = mayBeHostOnly && domain === undefined && path === '/';
  return {
    ...namesOf(options.name, registration, secure, hostOnly),
    secure,
    sameSite,
    path,
    partitioned,
    ...(domain !== undefined && { domain }),
    ...(priority !== undefined && { priority }),
  };
}

/**
 * `__Host-` and `__Secure-` make the browser refuse cookies from a neighbouring host or a plain
 * connection.
 */
function namesOf(name: unknown, registration: string, secure: 'auto' | boolean, hostOnly: boolean) {
  if (name === undefined) {
    const plainName = registration === 'default' ? 'id' : registration;
    return { plainName, secureName: (hostOnly ? '__Host-' : '__Secure-') + plainName };
  }
  if (typeof name !== 'string' || !COOKIE_NAME.test(name) || name.length > MAX_NAME_LENGTH) {
    throw optionError(
      'cookie.name',
      name,
      `Give up to ${MAX_NAME_LENGTH} letters, digits and !#$%&'*+-.^_\`|~ (RFC 6265).`,
    );
  }
  const prefix = /^__(host|secure)-/i.exec(name)?.[0].toLowerCase();
  if (prefix && secure !== true)
    throw optionError('cookie.name', name, 'Browsers drop such a name without Secure: set `cookie.secure: true`.');
  if (prefix === '__host-' && !hostOnly) {
    throw optionError(
      'cookie.name',
      name,
      "`__Host-` forbids `domain` and any `path` but '/': leave these out, or use `__Secure-`.",
    );
  }
  return { plainName: name, secureName: name };
}

function refuseAttribute(attribute: string, given: unknown, fits: (text: string) => boolean, fix: string): void {
  if (typeof given === 'string' && ATTRIBUTE.test(given) && fits(given)) return;
  throw optionError(`cookie.${attribute}`, given, fix);
}
