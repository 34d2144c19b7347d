const GROUPS = 8;
/** Of an IPv6 address that stands for one of IPv4: `::ffff:192.0.2.1`. */
const MAPPED = [0, 0, 0, 0, 0, 0xffff];

/**
 * An address as it is stored, whole or as its network (/24, and /48 with IPv6); undefined for what
 * is none.
 */
export function cleanAddress(text: string | undefined, form: 'full' | 'prefix'): string | undefined {
  if (text === undefined || text.length > 100) return undefined;
  const bytes = parseV4(text);
  if (bytes) return formatV4(bytes, form);
  const groups = parseV6(text.replace(/%.*$/s, ''));
  if (!groups) return undefined;
  const isMapped = MAPPED.every((group, index) => groups[index] === group);
  if (isMapped) return formatV4([groups[6]! >> 8, groups[6]! & 255, groups[7]! >> 8, groups[7]! & 255], form);
  return form === 'full' ? text.replace(/%.*$/s, '').toLowerCase() : `${formatV6(groups.slice(0, 3))}/48`;
}

function formatV4([a, b, c, d]: readonly number[], form: 'full' | 'prefix'): string {
  return form === 'full' ? `${a}.${b}.${c}.${d}` : `${a}.${b}.${c}.0/24`;
}

/** The first groups of an address, the others being zero. */
function formatV6(groups: readonly number[]): string {
  const present = groups.map((group) => group.toString(16)).join(':');
  return `${present.replace(/(^|:)0(:0)*$/, '')}::`;
}

function parseV4(text: string): number[] | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  const bytes = match?.slice(1).map(Number);
  return bytes?.every((byte) => byte <= 255) ? bytes : undefined;
}

function parseV6(text: string): number[] | undefined {
  const halves = text.replace(/[\d.]+$/, embeddedV4).split('::');
  if (halves.length > 2) return undefined;
  const [front, back] = halves.map((half) => (half === '' ? [] : half.split(':').map(parseGroup)));
  const found = [...front!, ...(back ?? [])];
  if (found.some(Number.isNaN)) return undefined;
  // `::` stands for one group at least.
  const isComplete = back ? found.length < GROUPS : found.length === GROUPS;
  return isComplete ? [...front!, ...Array<number>(GROUPS - found.length).fill(0), ...(back ?? [])] : undefined;
}

/** An IPv4 address at the end, as two groups. */
function embeddedV4(text: string): string {
  const bytes = parseV4(text);
  return bytes ? Buffer.from(bytes).toString('hex').replace(/^..../, '$&:') : text;
}

function parseGroup(group: string): number {
  return /^[\da-f]{1,4}$/i.test(group) ? Number.parseInt(group, 16) : Number.NaN;
}
