export function writePages(options: { root: string; measured: object }): void;
