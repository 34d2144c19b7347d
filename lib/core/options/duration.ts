/** A length of time: milliseconds, or a number with a unit. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/;

/** Milliseconds of a duration; undefined for everything that is not a positive, finite length of time. */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value > 0 ? value : undefined;
  const match = typeof value === 'string' ? DURATION.exec(value) : null;
  if (!match) return undefined;
  const milliseconds = Number(match[1]) * UNITS[match[2]!]!;
  return milliseconds > 0 ? milliseconds : undefined;
}
