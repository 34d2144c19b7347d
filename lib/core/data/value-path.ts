import { SessionError } from '../errors.js';
import { quoteKey } from '../quote-key.js';

const MAX_STEPS = 10;

/** The path of a value, as a linked list. It is only spelled out for an error. */
export type Path = readonly [parent: Path, key: string | number] | null;

export function refused(path: Path, what: string, fix: string, cause?: unknown): SessionError {
  const message = `session${spell(path)} is ${what}, which can't be stored: ${fix}.`;
  return new SessionError('SESSION_VALUE_REFUSED', message, cause === undefined ? {} : { cause });
}

export function tooDeep(path: Path, maxDepth: number): SessionError {
  return new SessionError(
    'SESSION_TOO_DEEP',
    `session${spell(path)} is nested over ${maxDepth} levels deep, which can't be stored: store flatter data, or raise \`maxDepth\` (97 at most).`,
  );
}

export function tooMany(path: Path): SessionError {
  const message = `session${spell(path)} brings the session's data over its limit. Keep large things elsewhere, or raise \`maxSize\`.`;
  return new SessionError('SESSION_TOO_LARGE', message);
}

function spell(path: Path): string {
  const steps: string[] = [];
  for (let at = path; at; at = at[0]) steps.unshift(spellStep(at[1]));
  // Keeps the start and the end of a long path.
  if (steps.length > MAX_STEPS) steps.splice(MAX_STEPS / 2, steps.length - MAX_STEPS, '…');
  return steps.join('');
}

function spellStep(key: string | number): string {
  if (typeof key === 'number') return `[${key}]`;
  return /^[A-Za-z_$][\w$]{0,98}$/.test(key) ? `.${key}` : `[${quoteKey(key)}]`;
}
