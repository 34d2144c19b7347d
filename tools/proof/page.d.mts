export function writePage(options: { out: string; root: string }): void;
export function fill(page: string, sections: Record<string, string>): string;
