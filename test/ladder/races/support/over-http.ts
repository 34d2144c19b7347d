// Requests over real sockets to a Nest app: the same pause points, with the answer held just before its first byte.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
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

/** Whose request it is, is known before the app's sessions are asked; its answer is held behind them, at the socket. */
function configure(nest: INestApplication): void {
  const server = nest.getHttpServer() as Server;
  const emit = server.emit.bind(server) as (event: string, ...args: unknown[]) => boolean;
  server.emit = (event: string, ...args: unknown[]) => {
    const racer = event === 'request' ? sentBy(args[0] as IncomingMessage)?.racer : undefined;
    if (racer) holdBack((args[1] as ServerResponse).socket!, racer);
    return asRacer(racer, () => emit(event, ...args));
  };
}

/** Holds what is written there, in its order, until the request may go on. */
function holdBack(socket: Socket, racer: Racer): void {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  const calls: (() => unknown)[] = [];
  const release = () => {
    Reflect.deleteProperty(socket, 'write');
    for (const call of calls) call();
  };
  socket.write = (...args: unknown[]) => {
    if (calls.push(() => write(...args)) === 1) void racer.pause('before headers').then(release);
    return true;
  };
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
