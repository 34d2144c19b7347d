// The tour: what a visitor of the sample sends, what comes back, and what MongoDB then holds. `node tools/demo.mjs` runs it.
import { createHash } from 'node:crypto';
import { same, show } from './database.mjs';
import { Visitor, textOf } from './visitor.mjs';

const IDLE_TIMEOUT_MS = 30 * 60_000;

/** One visitor's way through the sample at `url`. Each claim that is checked counts in the report. */
export async function tour({ url, database, report, signal }) {
  const visitor = new Visitor(url, { signal });
  const steps = [firstVisit, firstWrite, secondVisit, parallelChanges, login, showDocument, logout];
  for (const step of steps) await step({ url, database, report, signal, visitor });
}

async function firstVisit({ report, visitor, database }) {
  report.step('First visit: nothing to remember, so nothing is kept');
  const before = await database.count();
  const { status, cookies } = await exchange(report, visitor, 'GET', '/');
  report.check('the page is there', status === 200, status);
  report.check('no cookie is set', cookies.length === 0, cookies.length);
  const after = await database.count();
  report.check('MongoDB holds no document for it', after === before, `${after - before} more`);
}

async function firstWrite({ report, visitor, database }) {
  report.step('First write: a cookie for the visitor, a document in MongoDB');
  const { status, cookies } = await exchange(report, visitor, 'POST', '/counter');
  report.check('the answer is 303 See Other', status === 303, status);
  const [cookie = ''] = cookies;
  report.check(
    'one cookie is set, HttpOnly and SameSite=Lax',
    cookies.length === 1 && cookie.includes('; HttpOnly') && cookie.includes('; SameSite=Lax'),
  );
  const { handle, secret } = split(visitor.token);
  const document = await database.find(handle);
  report.check('the document is there when the answer comes: its _id is the public half of the token', !!document);
  const hash = createHash('sha256').update('default\0').update(secret).digest();
  report.check(
    'of the secret half it holds the SHA-256 only, taken together with the name of the registration',
    hash.equals(Buffer.from(document?.secretHash.buffer ?? '')) && !show(document).includes(secret.toString('base64')),
  );
}

async function secondVisit({ report, visitor, database }) {
  report.step('Second visit: the session is read, and nothing is written');
  const { handle } = split(visitor.token);
  const before = await database.find(handle);
  const { page, cookies } = await exchange(report, visitor, 'GET', '/', 'clicks');
  report.check('the counter is where it was: 1', textOf(page, 'clicks') === '1', textOf(page, 'clicks'));
  report.check('no cookie is set again', cookies.length === 0, cookies.length);
  report.check('the document is the same to the byte', same(before, await database.find(handle)));
}

async function parallelChanges({ report, visitor }) {
  report.step('Two parallel changes: both have read the session before either writes, and both are kept');
  const count = await beginSlowly(report, visitor, '/counter', { by: 'one' });
  const add = await beginSlowly(report, visitor, '/cart', { product: 'tea' });
  await settle(visitor);
  report.say('… both have their session; now both last bytes are sent');
  const answers = await Promise.all([count.finish(), add.finish()]);
  for (const answer of answers) report.received(answer);
  const { page } = await exchange(report, visitor, 'GET', '/', 'clicks');
  report.check('the counter went up to 2', textOf(page, 'clicks') === '2', textOf(page, 'clicks'));
  report.check('the tea is in the cart', holdsTea(page));
}

async function login({ url, report, signal, visitor }) {
  report.step('Login: a new token; the old one is dead at once');
  const wrong = { username: 'ada', password: 'difference-engine' };
  const refused = await exchange(report, visitor, 'POST', '/login', undefined, wrong);
  report.check(
    'a wrong password changes nothing',
    refused.location === '/?login=failed' && refused.cookies.length === 0,
    refused.location,
  );
  const { cookie: oldCookie, token: oldToken } = visitor;
  const right = { username: 'ada', password: 'analytical-engine' };
  const { status } = await exchange(report, visitor, 'POST', '/login', undefined, right);
  report.check('the right one is answered with 303', status === 303, status);
  report.check('there is a new token', visitor.token !== oldToken);
  report.check('the public handle has stayed', split(visitor.token).handle === split(oldToken).handle);
  const { page } = await exchange(report, visitor, 'GET', '/', 'user');
  report.check('Ada is logged in', textOf(page, 'user') === 'Ada Lovelace', textOf(page, 'user'));
  report.check('the cart came along, because login() was told to keep it', holdsTea(page));
  report.check('the counter did not', textOf(page, 'clicks') === '0', textOf(page, 'clicks'));
  const thief = new Visitor(url, { cookie: oldCookie, signal });
  const stolen = await exchange(report, thief, 'GET', '/', undefined, undefined, 'the old token');
  report.check('the old token opens nothing', isAnonymous(stolen.page));
}

async function showDocument({ report, visitor, database }) {
  report.step('The document, as MongoDB holds it');
  const document = await database.find(split(visitor.token).handle);
  report.say(show(document));
  const { data, epoch, expiresAt, lastSeenAt } = document;
  report.check('epoch counts the tokens that it has had before: 1', epoch === 1, epoch);
  report.check('a Date in the data is a Date in MongoDB', data.cart[0].addedAt instanceof Date);
  const idle = expiresAt - lastSeenAt;
  report.check('it expires 30 minutes after it was last used', idle === IDLE_TIMEOUT_MS, `${idle} ms`);
  const ttl = (await database.indexes()).find(({ key }) => key.expiresAt === 1);
  report.check('a TTL index removes it an hour later', ttl?.expireAfterSeconds === 3600);
}

async function logout({ url, report, signal, visitor, database }) {
  report.step('Logout while a slow request is in flight: it can not bring the session back');
  const { cookie } = visitor;
  const { handle } = split(visitor.token);
  const before = await database.count();
  const slow = await beginSlowly(report, visitor, '/cart', { product: 'lamp' });
  await settle(visitor);
  report.say('… it has its session, and waits for its last byte');
  const { status, cookies } = await exchange(report, visitor, 'POST', '/logout');
  report.check('the logout is answered with 303', status === 303, status);
  report.check('the cookie is removed', cookies.length === 1 && cookies[0].includes('; Max-Age=0'));
  report.check('the document is gone', (await database.find(handle)) === null);
  const late = await slow.finish();
  report.say('… now the last byte of the slow request is sent');
  report.received(late);
  report.check(
    'it is answered, and hands out no cookie',
    late.status === 303 && late.cookies.length === 0,
    late.status,
  );
  report.check('the document is still gone', (await database.find(handle)) === null);
  const more = (await database.count()) - before;
  report.check('no other one has come in its place', more === -1, `${more + 1} more`);
  const ghost = new Visitor(url, { cookie, signal });
  const { page } = await exchange(report, ghost, 'GET', '/', undefined, undefined, 'the token of before the logout');
  report.check('the token opens nothing', isAnonymous(page));
}

/** Sends a request and reports both ways; `shown` names an element of the page to tell. */
async function exchange(report, visitor, method, path, shown, form, note) {
  report.sent(method, path, form, visitor.cookie, note);
  const answer = await visitor.send(method, path, form);
  report.received(answer, shown && `page: ${shown} = ${textOf(answer.page, shown)}`);
  return answer;
}

function beginSlowly(report, visitor, path, form) {
  report.sent('POST', path, form, visitor.cookie, 'slowly: its last byte is kept back');
  return visitor.begin('POST', path, form);
}

/** Ordinary visits, sent after the slow requests' headers and answered: the sessions of those have long been read then. */
async function settle(visitor) {
  for (let visit = 0; visit < 2; visit += 1) await visitor.send('GET', '/');
}

/** A token's two halves, as design has them: 12 bytes that may be known, and 32 that may not. */
function split(token) {
  const bytes = Buffer.from(token, 'base64url');
  return { handle: bytes.toString('hex', 0, 12), secret: bytes.subarray(12) };
}

function holdsTea(page) {
  return page.includes('aria-label="Remove Tea &amp; biscuits"');
}

function isAnonymous(page) {
  return page.includes('id="no-session"') && textOf(page, 'user') === undefined;
}
