// Cookie headers without a token that could open anything, each with the name of what is wrong with it.
import { createToken, formatToken } from '../../../lib/core/token/session-token.js';

/** A token in perfect order, spoilt below by what stands around it. */
const TOKEN = formatToken(createToken(1_900_000_000_000));

/** What stands where the token belongs. */
const VALUES: Record<string, string> = {
  nothing: '',
  'a lone quote': '"',
  'a letter too few': TOKEN.slice(1),
  'a letter too many': `${TOKEN}A`,
  'two tokens': TOKEN + TOKEN,
  'a last letter that is never written': `${TOKEN.slice(0, -1)}B`,
  'padding in place of a letter': `${TOKEN.slice(0, -1)}=`,
  'padding behind': `${TOKEN}=`,
  'letters of standard base64': `${'+/'.repeat(29)}A`,
  'a percent-encoded letter': `%41${TOKEN.slice(3)}`,
  'a blank inside': `${TOKEN.slice(0, 30)} ${TOKEN.slice(31)}`,
  'a tab inside': `${TOKEN.slice(0, 30)}\t${TOKEN.slice(31)}`,
  'a comma inside': `${TOKEN.slice(0, 30)},${TOKEN.slice(31)}`,
  'a NUL inside': `${TOKEN.slice(0, 30)}\0${TOKEN.slice(31)}`,
  'a NUL behind': `${TOKEN}\0`,
  'a line end inside': `${TOKEN.slice(0, 30)}\n${TOKEN.slice(31)}`,
  'a byte over 127': `${TOKEN.slice(0, 30)}\xe9${TOKEN.slice(31)}`,
  'a letter of another script': `${TOKEN.slice(0, 30)}а${TOKEN.slice(31)}`,
  'half a surrogate pair': `${TOKEN.slice(0, 30)}\ud83d${TOKEN.slice(31)}`,
  'a token with a dot': `${TOKEN}.`,
  'a quote before': `"${TOKEN}`,
  'a quote behind': `${TOKEN}"`,
  'single quotes': `'${TOKEN}'`,
  'two pairs of quotes': `""${TOKEN}""`,
  'blanks within quotes': `" ${TOKEN} "`,
  'percent-encoded quotes': `%22${TOKEN}%22`,
  brackets: `[${TOKEN}]`,
  'the signature of express-session': `s%3A${TOKEN}.c2lnbmF0dXJl`,
  'its signature, not encoded': `s:${TOKEN}.c2lnbmF0dXJl`,
  'the JSON of cookie-parser': `j:{"id":"${TOKEN}"}`,
  'a UUID': '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
  'an ObjectId': '507f1f77bcf86cd799439011',
  '64 hexadecimal digits': 'ab'.repeat(32),
  'a JWT': 'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.',
  'the word undefined': 'undefined',
  'the word null': 'null',
  'an object as a word': '[object Object]',
  'a query of MongoDB': '{"$gt":""}',
  'a query of SQL': "' OR '1'='1",
  'a path': '../../../../etc/passwd',
  '59 blanks': ' '.repeat(59),
  '59 dashes and a last letter that is never written': '-'.repeat(59),
  '4 KiB of letters': 'A'.repeat(4096),
  'a property of every object': '__proto__',
};

/** Where it stands. Each of these carries a token that is in order. */
const PLACES: Record<string, (value: string) => string> = {
  alone: (value) => `id=${value}`,
  'between others': (value) => `a=1; id=${value}; b=2`,
  'in quotes': (value) => `id="${value}"`,
  'without a blank': (value) => `a=1;id=${value};b=2`,
  'twice, with blanks around': (value) => `id= ${value} ; id= ${value} `,
};

/** Headers with a token in perfect order, under a name that is not `id`. */
const NAMES: Record<string, string> = {
  'an empty header': '',
  'one blank': ' ',
  semicolons: ';;;;',
  'equals signs': '====',
  'a lone semicolon and equals sign': ';=',
  'the name alone': 'id',
  'the name and a semicolon': 'id;',
  'the value alone': TOKEN,
  'a value without a name': `=${TOKEN}`,
  'the name in capitals': `ID=${TOKEN}`,
  'a name that ends like it': `xid=${TOKEN}`,
  'a name that begins like it': `idx=${TOKEN}`,
  'a name with a dash behind': `id-=${TOKEN}`,
  'the name with brackets': `id[]=${TOKEN}`,
  'the name with a dot': `id.x=${TOKEN}`,
  'the name with a prefix of cookies': `__Host-id=${TOKEN}`,
  'the name with a dollar': `$id=${TOKEN}`,
  'the name in quotes': `"id"=${TOKEN}`,
  'a blank behind the name': `id =${TOKEN}`,
  'a tab behind the name': `id\t=${TOKEN}`,
  'a NUL behind the name': `id\0=${TOKEN}`,
  'a NUL before the name': `\0id=${TOKEN}`,
  'a colon for the equals sign': `id:${TOKEN}`,
  'an encoded equals sign': `id%3D${TOKEN}`,
  'two equals signs': `id==${TOKEN}`,
  'the name twice': `id=id=${TOKEN}`,
  'the header name': `Cookie: id=${TOKEN}`,
  'an ampersand as separator': `a=1&id=${TOKEN}`,
  'a comma as separator': `a=1, id=${TOKEN}`,
  'a line end as separator': `a=1\r\nid=${TOKEN}`,
  'an encoded semicolon as separator': `a=1%3B id=${TOKEN}`,
  'the pair as the value of another cookie': `a=id=${TOKEN}`,
  'the pair as the value of a quoted cookie': `a="id=${TOKEN}"`,
  'the name split by a semicolon': `i;d=${TOKEN}`,
  'the value behind a semicolon': `id=;${TOKEN}`,
  'attributes of Set-Cookie only': 'Path=/; HttpOnly; Max-Age=0',
};

export const malformedCookies: [what: string, header: string][] = [
  ...Object.entries(NAMES),
  ...Object.entries(PLACES).flatMap(([place, header]) =>
    Object.entries(VALUES).map(([value, text]): [string, string] => [`${value}, ${place}`, header(text)]),
  ),
];
