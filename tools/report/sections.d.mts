export function fill(page: string, sections: Record<string, string>): string;
