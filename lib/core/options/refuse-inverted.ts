import { optionError } from '../option-checks.js';

/** Throws if the time that has to be the shorter one is longer; both in milliseconds. */
export function refuseInverted(shorter: string, shorterMs: number, longer: string, longerMs: number): void {
  if (shorterMs <= longerMs) return;
  const fix = `It is longer than \`${longer}\` (${longerMs} ms). Shorten it, or raise \`${longer}\`.`;
  throw optionError(shorter, shorterMs, fix);
}
