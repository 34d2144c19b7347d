// Commands that a README shows, and what they print.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

export async function hasCurl(): Promise<boolean> {
  const child = spawn('curl', ['--version'], { stdio: 'ignore' });
  return new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('close', (status) => resolve(status === 0));
  });
}

/** What a process prints until its end: lines of JSON, and the rest. */
export async function outputOf(
  child: ChildProcessByStdio<null, Readable, Readable>,
): Promise<{ json: unknown[]; rest: string }> {
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => (text += more));
  await once(child, 'close');
  const lines = text.trim().split('\n');
  const isJson = (line: string) => /^[[{]/.test(line);
  return {
    json: lines.filter(isJson).map((line) => JSON.parse(line) as unknown),
    rest: lines.filter((line) => !isJson(line)).join('\n'),
  };
}
