/** One line for every import below `root` that breaks the table of the house. */
export function findViolations(root: string): string[];
