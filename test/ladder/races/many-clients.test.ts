// Many clients at once over sockets: whoever begins to read sees everything that was acknowledged before, a counter is exact, and
// what has ended stays so.
import { randomBytes } from 'node:crypto';
import { Controller, Get, Param } from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import { Session, type SessionObject } from '../../../lib/index.js';
import { HttpClient, type Platform, PLATFORMS, type Reply, sharedApp, testDatabase } from '../../support/http.js';
import { leakScan } from '../../support/leak-scan/leak-scan.js';
import { isProof } from '../../support/proof-out.js';
import { tokenIn } from './support/in-process.js';
import { type Seen, SharedSession } from './support/shared-session.js';

type Data = SessionObject<Record<string, unknown>>;

@Controller()
class Clients {
  @Get('set/:key/:value') set(@Session() session: Data, @Param('key') key: string, @Param('value') value: string) {
    session[key] = Number(value);
  }

  @Get('count') async count(@Session() session: Data) {
    return { count: await session.increment('count') };
  }

  @Get('show') show(@Session() session: Data) {
    return { ...session };
  }

  @Get('renew') async renew(@Session() session: Data) {
    await session.regenerate({ keep: true });
  }

  @Get('logout') logout(@Session() session: Data) {
    return session.logout();
  }
}

const CLIENTS = isProof ? 128 : 64;
const VISITS = isProof ? 25 : 10;
const SESSIONS = CLIENTS / 4;
/** Of how many visits one replaces the token, or ends the session. */
const RARE = 100;

const ENCRYPTIONS = [
  ['plain', undefined],
  ['encrypted', { keys: [randomBytes(32)] }],
] as const;
const ALL = PLATFORMS.flatMap((platform) => ENCRYPTIONS.map(([kind, keys]) => [platform, kind, keys] as const));
const CASES = isProof ? ALL : ALL.filter(([platform, kind]) => (platform === 'express') === (kind === 'plain'));

describe.each(CASES)(`${CLIENTS} clients on %s, %s`, (platform: Platform, kind, encryption) => {
  // How long a write takes to be on disk is not what is raced here.
  const { db } = testDatabase({ writeConcern: { w: 1, journal: false } });
  const app = sharedApp(() => ({
    platform,
    controllers: [Clients],
    sessions: { db, collection: `sessions_${kind}`, onInterrupted: 'throw', ...(encryption && { encryption }) },
  }));

  test('see what was acknowledged, lose nothing, and revive nothing', { timeout: 300_000 }, async () => {
    const wrong: string[] = [];
    const done = { set: 0, count: 0, show: 0, renew: 0, logout: 0 };
    const clients = Array.from({ length: CLIENTS }, () => app().client());
    const sessions = await Promise.all(Array.from({ length: SESSIONS }, (_, n) => begin(clients[n]!)));

    const run = () => Promise.all(clients.map((client, n) => use(client, n, sessions, done, wrong)));
    await (leakScan()?.whileInventing(run) ?? run());

    expect(wrong.slice(0, 5)).toEqual([]);
    for (const session of sessions) {
      for (const token of session.dead) expect((await send(clients[0]!, token, 'show')).body).toBe('{}');
      if (session.isOver) continue;
      const seen = JSON.parse((await send(clients[0]!, session.token, 'show')).body) as Seen;
      expect(session.judge(seen, session.atLeast())).toEqual([]);
    }
    // Those that no change of their token has met are exact to the last request.
    const unchanged = sessions.filter((session) => !changingOf(sessions).includes(session));
    expect(unchanged.every(({ isCertain }) => isCertain)).toBe(true);
    expect(Object.values(done).every((count) => count > 0)).toBe(true);
    console.log(`${platform}, ${kind}: ${JSON.stringify(done)}`);
  });
});

function send(client: HttpClient, token: string, path: string): Promise<Reply> {
  return client.get(`/${path}`, { headers: { cookie: `id=${token}` } });
}

async function begin(client: HttpClient): Promise<SharedSession> {
  const session = new SharedSession();
  const { cookies } = await client.get('/set/begun/1');
  client.jar.clear();
  session.token = tokenIn(cookies, 'id')!;
  session.acknowledges('begun', session.asks('begun'));
  return session;
}

type Verb = 'set' | 'count' | 'show' | 'renew' | 'logout';

/** One half of them; the others keep their token to the end. */
const changingOf = (sessions: readonly SharedSession[]) => sessions.slice(0, SESSIONS / 2);

async function use(
  client: HttpClient,
  n: number,
  sessions: readonly SharedSession[],
  done: Record<Verb, number>,
  wrong: string[],
): Promise<void> {
  for (let visit = 0; visit < VISITS; visit++) {
    const turn = (n * VISITS + visit) % RARE;
    const verb: Verb =
      turn === 0 ? 'renew' : turn === RARE / 2 ? 'logout' : (['set', 'count', 'show'] as const)[visit % 3]!;
    const among = verb === 'renew' || verb === 'logout' ? changingOf(sessions) : sessions;
    const session = among[Math.floor(Math.random() * among.length)]!;
    await VERBS[verb](client, session, `client ${n}`, wrong);
    done[verb] += 1;
    await look(client, session, `client ${n}`, wrong);
  }
}

type Visit = (client: HttpClient, session: SharedSession, who: string, wrong: string[]) => Promise<void>;

/** Reads, and compares with what was acknowledged when the request was sent. */
const look: Visit = async (client, session, who, wrong) => {
  const { token } = session;
  const [atLeast, wasOver, wasChanging] = [session.atLeast(), session.isOver, session.isChanging];
  const old = session.dead.at(-1);
  const { status, body } = await send(client, token, 'show');
  const seen = JSON.parse(body) as Seen;
  const isGone = Object.keys(seen).length === 0;
  const mayBeGone = wasChanging || session.isChanging || session.token !== token || session.isOver;
  if (status !== 200) wrong.push(`${who} hears ${status}`);
  else if (wasOver && !isGone) wrong.push(`a session is back: ${body}`);
  else if (isGone && !mayBeGone) wrong.push(`${who} finds no session`);
  else if (!isGone) wrong.push(...session.judge(seen, atLeast));
  if (old !== undefined && (await send(client, old, 'show')).body !== '{}') wrong.push('a dead token opens a session');
};

/** Whether a write went into that session: it has not ended meanwhile, and no other one has begun in its place. */
function isWritten({ status, cookies }: Reply, wrong: string[]): boolean {
  if (status !== 200 && status !== 409) wrong.push(`a write hears ${status}`);
  return status === 200 && cookies.length === 0;
}

async function change(session: SharedSession, work: () => Promise<void>): Promise<void> {
  if (session.isChanging || session.isOver) return;
  session.isChanging = true;
  await work();
  session.isChanging = false;
}

const VERBS: Record<Verb, Visit> = {
  async set(client, session, who, wrong) {
    const value = session.asks(who);
    const reply = await send(client, session.token, `set/${encodeURIComponent(who)}/${value}`);
    if (isWritten(reply, wrong)) session.acknowledges(who, value);
  },
  async count(client, session, _who, wrong) {
    const before = session.atLeast()['count'] ?? 0;
    session.asks('count');
    const reply = await send(client, session.token, 'count');
    if (!isWritten(reply, wrong)) return;
    session.acknowledges('count');
    const { count } = JSON.parse(reply.body) as { count: number };
    if (count <= before) wrong.push(`a counter is at ${count}, after ${before} was acknowledged`);
  },
  show: look,
  renew: (client, session, _who, wrong) =>
    change(session, async () => {
      const { status, cookies } = await send(client, session.token, 'renew');
      if (status !== 200) wrong.push(`a new token hears ${status}`);
      session.dead.push(session.token);
      session.token = tokenIn(cookies, 'id')!;
    }),
  logout: (client, session, _who, wrong) =>
    change(session, async () => {
      const { status } = await send(client, session.token, 'logout');
      if (status !== 200) wrong.push(`a logout hears ${status}`);
      session.dead.push(session.token);
      session.isOver = true;
    }),
};
