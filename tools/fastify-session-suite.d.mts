export function testsIn(markdown: string, heading: string): string[];
