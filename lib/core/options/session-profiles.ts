import type { Duration } from '../duration.js';

/** Time limits that a profile sets. */
export interface ProfileLimits {
  readonly idleTimeout: Duration;
  readonly absoluteTimeout: Duration;
  readonly permanent: { readonly idleTimeout: Duration; readonly absoluteTimeout: Duration };
  readonly renewAfter: Duration;
}

/**
 * Time limits by the level of assurance that a service needs. AAL1 to AAL3: NIST SP 800-63B-4,
 * sections 2.1.3, 2.2.3 and 2.3.3; banking: OWASP Session Management Cheat Sheet, "high-value
 * applications" (2 to 5 minutes idle). They set these limits and nothing else.
 */
export const SESSION_PROFILES = {
  aal1: {
    idleTimeout: '7d',
    absoluteTimeout: '30d',
    permanent: { idleTimeout: '14d', absoluteTimeout: '30d' },
    renewAfter: '1d',
  },
  aal2: {
    idleTimeout: '1h',
    absoluteTimeout: '24h',
    permanent: { idleTimeout: '1h', absoluteTimeout: '24h' },
    renewAfter: '1h',
  },
  aal3: {
    idleTimeout: '15m',
    absoluteTimeout: '12h',
    permanent: { idleTimeout: '15m', absoluteTimeout: '12h' },
    renewAfter: '30m',
  },
  banking: {
    idleTimeout: '5m',
    absoluteTimeout: '4h',
    permanent: { idleTimeout: '5m', absoluteTimeout: '4h' },
    renewAfter: '10m',
  },
} as const satisfies Record<string, ProfileLimits>;

/** Name of a set of time limits. */
export type SessionProfile = keyof typeof SESSION_PROFILES;
