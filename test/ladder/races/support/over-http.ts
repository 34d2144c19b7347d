// Requests over real sockets to a Nest app: the same pause points, with the answer held just before its first byte.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { type INestApplication, Controller, Get, Req } from '@nestjs/common';
import { type Platform, sharedApp, type TestApp } from '../../../support/http.js';
import { clock, probeOf, tokenIn } from './in-process.js';
import type { AnySession } from './operations.js';
import type { RaceTrack, SentRequest } from './race.js';
import { type Racer, asRacer } from './racer.js';
import { type PlainStore, steppedStore } from './stepped.store.js';

const HEADER = 'x-race';

const onTheirWay = new Map<string, SentRequest>();

function sentBy(request: Pick<IncomingMessage, 'headers'>): SentRequest | undefined {
  return onTheirWay.get(String(request.headers[HEADER]));
}

@Controller()
class RaceController {
  @Get() async handle(@Req() request: Pick<IncomingMessage, 'headers'> & { session: AnySession }) {
    return { result: (await sentBy(request)!.handle(request.session)) ?? null };
  }
}

/** An app for all tests of a `describe`. */
export function overHttp(
  platform: Platform,
  store: PlainStore,
  document: RaceTrack['document'],
  around = (given: PlainStore) => given,
): () => RaceTrack {
  const app = sharedApp(() => ({
    platform,
    controllers: [RaceController],
    sessions: { store: steppedStore(around(store)), clock, onInterrupted: 'throw' },
    configure,
  }));
  return () => ({ bridge: { send: (sent) => send(app(), sent) }, probe: probeOf(store), document });
}

/** Whose request it is, is known before the app's sessions are asked; its answer is held behind them. */
function configure(nest: INestApplication): void {
  const server = nest.getHttpServer() as Server;
  const emit = server.emit.bind(server) as (event: string, ...args: unknown[]) => boolean;
  server.emit = (event: string, ...args: unknown[]) => {
    const racer = event === 'request' ? sentBy(args[0] as IncomingMessage)?.racer : undefined;
    return asRacer(racer, () => emit(event, ...args));
  };
  nest.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
    const sent = sentBy(request);
    if (sent) holdBack(response, sent.racer);
    next();
  });
}

/** Holds the calls that let something leave, in their order, until the request may go on. */
function holdBack(response: ServerResponse, racer: Racer): void {
  const calls: (() => unknown)[] = [];
  let isFree = false;
  const release = () => {
    isFree = true;
    for (const call of calls) call();
  };
  for (const exit of ['writeHead', 'write', 'end'] as const) {
    const call = response[exit].bind(response) as (...args: unknown[]) => unknown;
    const held = (...args: unknown[]) => {
      // Node's own `end` calls the others.
      if (isFree) return call(...args);
      if (calls.push(() => call(...args)) === 1) void racer.pause('before headers').then(release);
      return response;
    };
    Object.assign(response, { [exit]: held });
  }
}

let sentSoFar = 0;

async function send(app: TestApp, sent: SentRequest): Promise<void> {
  const id = String(sentSoFar++);
  onTheirWay.set(id, sent);
  const client = clients.get(app) ?? app.client();
  clients.set(app, client);
  client.jar.clear();
  const headers = { [HEADER]: id, ...(sent.token !== undefined && { cookie: `id=${sent.token}` }) };
  const { status, cookies, body } = await client.get('/', { headers });
  onTheirWay.delete(id);
  const result = status === 200 ? ((JSON.parse(body) as { result: unknown }).result ?? undefined) : undefined;
  await sent.answered({ status, token: tokenIn(cookies, 'id'), result });
}

const clients = new WeakMap<TestApp, ReturnType<TestApp['client']>>();
