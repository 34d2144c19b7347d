import Bowser from 'bowser';
import type { UserSession } from 'nestjs-mongo-sessions';

// A CommonJS module, whose named exports Node.js does not find.
// oxlint-disable-next-line import/no-named-as-default-member
const { parse } = Bowser;

/** As many of these as a page can tell apart. */
export type DeviceKind = 'desktop' | 'mobile' | 'tablet';

/** What a user calls the device, or else what its browser says: "Chrome on Windows". */
export function describeDevice({ label, userAgent }: Pick<UserSession, 'label' | 'userAgent'>): {
  name: string;
  kind: DeviceKind;
} {
  if (!userAgent) return { name: label ?? 'Unknown device', kind: 'desktop' };
  const { browser, os, platform } = parse(userAgent);
  const parts = [browser.name ?? 'A browser', os.name].filter(Boolean);
  const kind = platform.type === 'mobile' || platform.type === 'tablet' ? platform.type : 'desktop';
  return { name: label ?? parts.join(' on '), kind };
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** The time of last use is written every five minutes at most: what is more recent counts as now. */
const ACTIVE_MS = 5 * 60_000;

export function describeLastUse(lastSeenAt: Date, now: number): string {
  const age = now - lastSeenAt.getTime();
  if (age < ACTIVE_MS) return 'Active now';
  const [unit, milliseconds] = UNITS.find(([, each]) => age >= each)!;
  return `Active ${relative.format(-Math.floor(age / milliseconds), unit)}`;
}

export function describeDay(date: Date): string {
  return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long' }).format(date);
}
