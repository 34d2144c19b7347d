// What the cookie jar of SessionClient makes of Set-Cookie.
import { expect, test } from 'vitest';
import { keepCookies } from '../../../lib/testing/session-client.js';

const PAST = 'Expires=Thu, 01 Jan 1970 00:00:00 GMT';
const FUTURE = 'Expires=Fri, 01 Jan 2100 00:00:00 GMT';

test.each([
  PAST,
  `expires=${PAST.slice('Expires='.length)}; Path=/`,
  'Max-Age=0',
  'Max-Age=-1',
  `${FUTURE}; Max-Age=0`,
])('forgets a cookie that comes with %s', (attributes) => {
  const jar = new Map([['remember', 'ada']]);
  keepCookies(jar, [`remember=; ${attributes}`]);
  expect(jar.has('remember')).toBe(false);
});

test.each(['Path=/', FUTURE, 'Max-Age=60', `${PAST}; Max-Age=60`, 'Expires=soon', 'Max-Age=soon', 'HttpOnly'])(
  'keeps a cookie that comes with %s',
  (attributes) => {
    const jar = new Map<string, string>();
    keepCookies(jar, [`remember=a=b; ${attributes}`]);
    expect(jar.get('remember')).toBe('a=b');
  },
);
