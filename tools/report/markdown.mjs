// Tables in Markdown, and how numbers are written in them.

export const number = (value) => Math.round(value).toLocaleString('en-US');

export function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
