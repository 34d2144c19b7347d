/** What could break a line, or change the order in which the text around it is shown. */
const UNWANTED = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** At most so many UTF-16 units of a text, and no half of a character at its end. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text.slice(0, max);
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}

/**
 * A text from outside as it can be stored and shown: without control and bidi characters, and cut.
 * Undefined if nothing is left.
 */
export function cleanText(text: string, max: number): string | undefined {
  // Cut before as well: a text of megabytes costs no more than a short one.
  const cleaned = cutText(text, 8 * max)
    .toWellFormed()
    .replace(UNWANTED, '')
    .trim();
  return cutText(cleaned, max).trimEnd() || undefined;
}
