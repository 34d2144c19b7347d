// `node tools/check-comments.mjs DIR...`: fails if a comment is wider than 100 columns. Part of `npm run lint`.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const MAX_COLUMNS = 100;
const COMMENT = /^\s*(\/\/|\/\*\*|\*)/;
/** What can't be wrapped: an address, a row of a table, a directive of a tool, a drawing. */
const UNBREAKABLE = /https?:\/\/\S{60,}|^\s*\* \||oxlint-|@ts-|^\s*\* {5}/;

const wide = process.argv.slice(2).flatMap((directory) =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(directory, name))
    .flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .map((line, index) => ({ line, at: `${file}:${index + 1}` }))
        .filter(({ line }) => line.length > MAX_COLUMNS && COMMENT.test(line) && !UNBREAKABLE.test(line)),
    ),
);
for (const { at, line } of wide) console.log(`${at} has ${line.length} columns: wrap the comment at ${MAX_COLUMNS}`);
console.log(`comments: ${wide.length} too wide`);
if (wide.length > 0) process.exitCode = 1;
