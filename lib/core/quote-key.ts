const MAX_KEY_CHARACTERS = 100;

/** Characters that a terminal or a log viewer might act on, or break the line at. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * Quotes a key for messages and the log. Keys may come from a request, so they are escaped, and cut
 * when they are long.
 */
export function quoteKey(key: string): string {
  const text = key.length > MAX_KEY_CHARACTERS ? `${key.slice(0, MAX_KEY_CHARACTERS)}…` : key;
  return JSON.stringify(text).replace(UNPRINTABLE, escapeUnits);
}

function escapeUnits(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
