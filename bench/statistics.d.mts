/** What one measurement has found, for a request where it is a cost. */
export interface Round {
  perSecond: number;
  p50: number;
  p99: number;
  cpu: number;
  /** The share of one core that the client has used. */
  clientBusy: number;
  bytesOut: number;
  bytesIn: number;
  commands: Record<string, number>;
}
export interface Comparison {
  workload: string;
  platform: string;
  connections: number;
  /** The variant that the others are compared with. */
  ours: string;
  measured: Record<string, Round[]>;
}
export interface Ratio {
  ratio: number;
  low: number;
  high: number;
}
export function median(values: number[]): number;
export function ratio(measured: Record<string, Round[]>, ours: string, against: string, metric?: string): Ratio;
export function ratiosOf(
  comparison: Comparison,
): ({ workload: string; platform: string; connections: number; against: string } & Ratio)[];
