// One race: some requests of one browser, driven through one schedule, and what has become of the session.
import mongoose from 'mongoose';
import type { SessionCollection } from '../../../../lib/mongo/documents/session-document.interface.js';
import { type Choose, drive } from './explore.js';
import type { Violation } from './invariants.js';
import { type Answer, Model, type ModelRequest, type Opened } from './model.js';
import { type AnySession, type Data, OPERATIONS, type OperationName } from './operations.js';
import { type Orders, POINTS, Racer } from './racer.js';
import { watch } from './stepped.store.js';

/** The way of a request to the library and back. */
export interface Bridge {
  send(sent: SentRequest): Promise<void>;
}

export interface SentRequest {
  readonly racer: Racer;
  readonly token: string | undefined;
  /** What the handler does. */
  readonly handle: (session: AnySession) => Promise<unknown>;
  /** The headers have arrived at the client. */
  readonly answered: (answer: Answer) => Promise<void>;
  /** A message of a socket is told that the session has ended that the socket was opened with. */
  readonly ended: () => Promise<void>;
}

/** A look at sessions past everything that is driven. */
export interface Probe {
  /** A token of a new session with this data. */
  seed(data: Data): Promise<string>;
  /** What the next request with this token would find. */
  open(token: string | undefined): Promise<Opened>;
}

export interface RaceRules {
  readonly orders: Orders;
  /** Whether all are sent with what the browser holds at the start, or each with what it holds when it is sent. */
  readonly cookies: 'at once' | 'one by one';
}

export interface RaceTrack {
  readonly bridge: Bridge;
  readonly probe: Probe;
  /** What the store holds, past the library. */
  readonly document: (handle: string) => Promise<Opened>;
}

export interface Outcome {
  readonly schedule: readonly string[];
  /** Everything that can be noticed from outside: what each request read and was answered, and what is left. */
  readonly noticed: string;
  readonly violations: readonly Violation[];
}

export async function race(
  { bridge, probe, document }: RaceTrack,
  names: readonly OperationName[],
  rules: RaceRules,
  choose: Choose,
): Promise<Outcome> {
  const data = { a: 'first', n: 1 };
  const token = await probe.seed(data);
  const model = new Model(token, data);
  const racers = names.map((_, index) => new Racer(index, POINTS[rules.orders]));
  const tasks = racers.map((racer, index) => {
    const request = model.request(OPERATIONS[names[index]!]);
    watch(racer, request);
    return racer.begin(async () => {
      request.token = rules.cookies === 'at once' ? token : model.jar;
      await bridge.send(sent(racer, request, model, probe));
    });
  });
  const ends = Promise.all(tasks);
  ends.catch(() => {});
  const schedule = await drive(racers, names, rules.orders, choose);
  await ends;
  for (const [given] of model.tokens) model.compare(given, await probe.open(given), 'kept', 'at the end');
  const left: Opened[] = [];
  for (const handle of new Set([...model.sessions.keys(), ...model.ended])) {
    const found = await document(handle);
    left.push(found);
    model.compareDocument(handle, found);
  }
  const noticed = JSON.stringify([
    model.requests.map(({ summary }) => summary),
    left.map((each) => JSON.stringify(each)).toSorted(),
  ]);
  return { schedule, violations: model.violations, noticed };
}

function sent(racer: Racer, request: ModelRequest, model: Model, probe: Probe): SentRequest {
  const look = async () => {
    request.next = await probe.open(model.jar);
    model.compare(model.jar, request.next, 'seen', `after the answer to request ${request.by}`);
  };
  return {
    racer,
    token: request.token,
    async handle(session) {
      // Without a cookie nothing is read.
      if (!request.hasLoaded) request.loaded();
      request.sees(session.isNew ? undefined : { ...session });
      const result = await racer.perform(() => request.operation.act(session, request.by));
      await racer.pause('before the diff');
      return result;
    },
    async answered(answer) {
      request.answered(answer);
      await look();
    },
    async ended() {
      if (request.hasLoaded ? request.origin : model.open(request.token))
        model.violate('refused', `message ${request.by} hears that a session has ended which goes on`);
      await look();
    },
  };
}

export function documentsOf(collection: SessionCollection): RaceTrack['document'] {
  return async (handle) => {
    const document = await collection.findOne({ _id: mongoose.mongo.ObjectId.createFromHexString(handle) });
    return document ? { data: document.data, user: document.userId as string | undefined } : undefined;
  };
}
