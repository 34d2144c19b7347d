export interface Step {
  platform: string;
  workload: string;
  connections: number;
  variants: string[];
  rounds: number;
  starts: number;
  again: string[];
  seconds: number;
}
export interface PlanOptions {
  isQuick?: boolean;
  isFar?: boolean;
  only?: Record<string, string[]>;
  rounds?: number;
  seconds?: number;
  hasBaseline?: boolean;
}
export function makePlan(options: PlanOptions): Step[];
export function isNetwork(workload: string): boolean;
export function secondsOf(plan: Step[]): number;
