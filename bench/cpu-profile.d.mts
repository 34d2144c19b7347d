export interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  timeDeltas: number[];
}
export interface ProfileSummary {
  groups: { name: string; share: number }[];
  functions: { name: string; group: string; place: string; share: number }[];
}
export function summarize(profile: CpuProfile, options?: { baseline?: string }): ProfileSummary;
