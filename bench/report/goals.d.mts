import type { Comparison, Ratio, Round } from '../statistics.mjs';

export function commandsOf(round: Round): number;
export function goalRows(
  compared: Comparison[],
): ({ platform: string; goal: string; limit: string; isReached: boolean } & Ratio)[];
