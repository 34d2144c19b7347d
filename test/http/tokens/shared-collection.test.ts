// Two registrations in one collection: neither opens the other's sessions, in one app or in two.
import { describe, expect, test } from 'vitest';
import { getSessionEventsToken, type SessionEvent, type SessionEvents } from '../../../lib/index.js';
import type { SessionOptions } from '../../../lib/index.js';
import { sessionOf } from '../../../lib/http/request-sessions.js';
import { type Platform, PLATFORMS, startApp, type TestApp, testDatabase } from '../../support/http.js';
import { type AnySession, HOUR, MINUTE, route, StageController } from '../../support/world.js';
import { TestClock } from '../../../lib/testing/index.js';

const { db } = testDatabase();
const KEY = 'one signing key for both of them';
const NAMES = ['default', 'admin'] as const;
type Name = (typeof NAMES)[number];

const sessionNamed = (name: Name, request: object) => sessionOf(request, name) as unknown as AnySession;
/** The paths of one registration. */
const pathsOf = (name: Name) => ({
  begin: route(({ request }) => void (sessionNamed(name, request)['who'] = 'ann')),
  show: route(({ request }) => {
    const { isNew, who = null } = sessionNamed(name, request);
    return { isNew, who };
  }),
});
const PATHS = { default: pathsOf('default'), admin: pathsOf('admin') };

const HEADERS = { default: 'x-token', admin: 'x-session-token' };

/** How a token travels. */
const TRANSPORTS: Record<string, (name: Name) => SessionOptions> = {
  'in a cookie': () => ({}),
  'in a signed cookie': () => ({ secrets: [KEY] }),
  'in a header': (name) => ({ transport: { header: HEADERS[name] } }),
  'in a header, signed': (name) => ({ transport: { header: HEADERS[name] }, secrets: [KEY] }),
  'in a header of one name': () => ({ transport: { header: 'x-token' } }),
  'in a header of one name, signed': () => ({ transport: { header: 'x-token' }, secrets: [KEY] }),
  'in a cookie of one name': () => ({ cookie: { name: 'sid' } }),
};
type Transport = (typeof TRANSPORTS)[string];

let count = 0;

class Shop {
  readonly clock = new TestClock();
  readonly events: SessionEvent[] = [];
  readonly #apps = new Map<Name, TestApp>();

  static async start(platform: Platform, apps: 'one app' | 'two apps', given: Transport): Promise<Shop> {
    const shop = new Shop();
    const collection = `shared_${count++}`;
    const renewal = { renewAfter: HOUR, renewGrace: 10 * MINUTE, idleTimeout: 3 * HOUR };
    const registration = (name: Name): SessionOptions => ({
      ...{ name, collection, db, clock: shop.clock },
      ...renewal,
      ...given(name),
    });
    const start = async (names: readonly Name[]) => {
      const app = await startApp({ platform, sessions: names.map(registration), controllers: [StageController] });
      for (const name of names) {
        shop.#apps.set(name, app);
        app.nest.get<SessionEvents>(getSessionEventsToken(name)).subscribe((event) => shop.events.push(event));
      }
    };
    if (apps === 'one app') await start(NAMES);
    else for (const name of NAMES) await start([name]);
    return shop;
  }

  /** A request of one registration with this token; what it says, and the token that it sends. */
  async request(given: Transport, name: Name, path: keyof (typeof PATHS)[Name], token?: string) {
    const carrier = carrierOf(given(name), name);
    const headers: Record<string, string> = {};
    if (token !== undefined)
      if (carrier.header) headers[carrier.header] = token;
      else headers['cookie'] = `${carrier.cookie}=${token}`;
    const reply = await this.#apps.get(name)!.client().get(PATHS[name][path], { headers });
    expect(reply.status).toBe(200);
    const sent = carrier.header
      ? reply.headers[carrier.header]
      : reply.cookies.map((cookie) => /=([^;]*);/.exec(cookie)![1]!)[0];
    return { body: reply.body && (JSON.parse(reply.body) as unknown), token: sent as string | undefined };
  }
}

function carrierOf({ transport, cookie }: SessionOptions, name: Name): { header?: string; cookie?: string } {
  if (typeof transport === 'object') return transport;
  return { cookie: cookie?.name ?? (name === 'default' ? 'id' : name) };
}

const CASES = PLATFORMS.flatMap((platform) =>
  (['one app', 'two apps'] as const).flatMap((apps) =>
    Object.entries(TRANSPORTS)
      // In one app there must be two names.
      .filter(([how]) => apps === 'two apps' || !how.includes('of one name'))
      .map(([how, given]) => [platform, apps, how, given] as const),
  ),
);

describe.each(CASES)('A3: two registrations of one collection, on %s in %s, tokens %s', (platform, apps, _, given) => {
  test.each([
    ['default', 'admin'],
    ['admin', 'default'],
  ] as const)('no token of %s opens a session of %s, in any role of a renewal', async (owner, other) => {
    const shop = await Shop.start(platform, apps, given);
    const first = (await shop.request(given, owner, 'begin')).token!;
    shop.clock.advance(HOUR);
    const next = (await shop.request(given, owner, 'show', first)).token!;
    expect(next).not.toBe(first);

    const tryAll = async () => {
      for (const token of [first, next]) {
        shop.events.length = 0;
        expect((await shop.request(given, other, 'show', token)).body).toEqual({ isNew: true, who: null });
        expect(shop.events).toMatchObject([
          { type: 'rejected', name: other, reason: given(other).secrets ? 'malformed' : 'secret' },
        ]);
      }
    };
    // Current and next.
    await tryAll();
    // Previous and current.
    expect((await shop.request(given, owner, 'show', next)).body).toEqual({ isNew: false, who: 'ann' });
    expect((await shop.request(given, owner, 'show', first)).body).toEqual({ isNew: false, who: 'ann' });
    await tryAll();
    expect((await shop.request(given, owner, 'show', next)).body).toEqual({ isNew: false, who: 'ann' });
  });
});
