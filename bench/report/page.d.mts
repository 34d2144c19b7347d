export function writePage(options: { root: string; measured: object }): void;
