/** A length of time: milliseconds, or a number with a unit. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/;

/** A hundred years. Much longer durations would lead to times that no Date can hold. */
const LONGEST = 36_525 * 86_400_000;

/** A duration in whole milliseconds; undefined for anything but a duration of 1 ms to 100 years. */
export function parseDuration(value: unknown): number | undefined {
  const milliseconds = Math.round(
    typeof value === 'string' ? parseText(value) : typeof value === 'number' ? value : NaN,
  );
  return milliseconds >= 1 && milliseconds <= LONGEST ? milliseconds : undefined;
}

function parseText(text: string): number {
  const match = DURATION.exec(text);
  return match ? Number(match[1]) * UNITS[match[2]!]! : NaN;
}
