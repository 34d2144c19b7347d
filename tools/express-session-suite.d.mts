/** The numbers in the first column of a table of the docs. */
export function numbersIn(markdown: string, heading: string): number[];
