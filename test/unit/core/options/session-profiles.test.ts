// The profiles against the numbers of the standards that they are named after.
import { describe, expect, test } from 'vitest';
import { parseDuration } from '../../../../lib/core/duration.js';
import { resolveOptions } from '../../../../lib/core/options/resolve-options.js';
import { SESSION_PROFILES, type SessionProfile } from '../../../../lib/core/options/session-profiles.js';
import { MemorySessionStore } from '../../../../lib/core/store/memory-session.store.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const store = new MemorySessionStore();
const resolve = (given: object) => resolveOptions({ store, ...given });

/** NIST SP 800-63B-4, sections 2.1.3, 2.2.3, 2.3.3; OWASP Session Management Cheat Sheet for banking. */
const MOST: Record<SessionProfile, { idle: number; absolute: number }> = {
  aal1: { idle: Infinity, absolute: 30 * DAY },
  aal2: { idle: HOUR, absolute: DAY },
  aal3: { idle: 15 * MINUTE, absolute: 12 * HOUR },
  banking: { idle: 5 * MINUTE, absolute: 8 * HOUR },
};

describe.each(Object.keys(SESSION_PROFILES) as SessionProfile[])('profile %s', (profile) => {
  const { idle, absolute } = MOST[profile];

  test('stays within its standard, permanent sessions too', () => {
    const options = resolve({ profile });
    for (const limits of [options, options.permanent]) {
      expect(limits.idleTimeout).toBeLessThanOrEqual(idle);
      expect(limits.absoluteTimeout).toBeLessThanOrEqual(absolute);
    }
  });

  test('sets its numbers and nothing else', () => {
    const plain = resolve({});
    const options = resolve({ profile });
    const { idleTimeout, absoluteTimeout, permanent, renewAfter, ...rest } = options;
    const limits = SESSION_PROFILES[profile];
    expect([idleTimeout, absoluteTimeout, renewAfter]).toEqual(
      [limits.idleTimeout, limits.absoluteTimeout, limits.renewAfter].map(parseDuration),
    );
    expect(permanent).toEqual({
      idleTimeout: parseDuration(limits.permanent.idleTimeout),
      absoluteTimeout: parseDuration(limits.permanent.absoluteTimeout),
    });
    const { idleTimeout: _idle, absoluteTimeout: _end, permanent: _own, renewAfter: _renewal, ...others } = plain;
    // The source of the sessions is given by a function, so that nothing prints it.
    expect({ ...rest, source: rest.source() }).toEqual({ ...others, source: others.source() });
  });

  test('gives way to each limit that is given', () => {
    const options = resolve({ profile, renewAfter: '2m', idleTimeout: '3m', permanent: { idleTimeout: '4m' } });
    expect([options.renewAfter, options.idleTimeout]).toEqual([2 * MINUTE, 3 * MINUTE]);
    expect(options.permanent).toEqual({
      idleTimeout: 4 * MINUTE,
      absoluteTimeout: parseDuration(SESSION_PROFILES[profile].permanent.absoluteTimeout),
    });
  });
});

test('an unknown profile stops the start, and its names are listed', () => {
  expect(() => resolve({ profile: 'aal4' })).toThrow(
    /`profile` is "aal4"\. Use one of: "aal1", "aal2", "aal3", "banking"/,
  );
  expect(() => resolve({ profile: 'constructor' })).toThrow(/Use one of/);
});

test('without a profile a session is idle for 30 minutes and lives for 12 hours, and its token is not renewed', () => {
  expect(resolve({})).toMatchObject({ idleTimeout: 30 * MINUTE, absoluteTimeout: 12 * HOUR, renewAfter: undefined });
});
