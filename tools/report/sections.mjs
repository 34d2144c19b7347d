// A page whose words are written by hand, and whose numbers are measured: these stand between <!-- measured: NAME --> and <!-- end -->.

/** The page with the new text in its places. */
export function fill(page, sections) {
  return Object.entries(sections).reduce((text, [name, section]) => {
    const place = new RegExp(`(<!-- measured: ${name} -->\n)[^]*?(<!-- end -->)`);
    return text.replace(place, (_, begin, end) => `${begin}\n${section.trim()}\n\n${end}`);
  }, page);
}
