// One race for a session of another library: requests that bring its old cookie, each in a process of its own, driven through
// one schedule, and others that end it.
import { resolveOptions } from '../../../../lib/core/options/resolve-options.js';
import { buryMoved } from '../../../../lib/core/moving/bury-moved.js';
import { createMover } from '../../../../lib/core/moving/create-mover.js';
import { TokenDerivation } from '../../../../lib/core/moving/derived-token.js';
import { Registration } from '../../../../lib/core/request/registration.js';
import type { OldDocuments } from '../../../../lib/core/store/old-documents.interface.js';
import { createLoginProtocol } from '../../../../lib/core/users/login-protocol.js';
import { UserDirectory } from '../../../../lib/core/users/user-directory.js';
import type { MovingStore, SessionStore, StoredSession } from '../../../../lib/index.js';
import { SessionError } from '../../../../lib/index.js';
import { TestClock } from '../../../../lib/testing/index.js';
import { codec, decode } from '../../../support/core/codec.js';
import { type AnySession, Browser } from '../../../support/core/world.js';
import { type Choose, drive } from '../../races/support/explore.js';
import { COOKIE, OLD_ID, idOfSealed, oldSource } from './old-source.js';
import type { Setting, Violation } from './race-setting.js';
import { type PausePoint, Racer, currentRacer } from '../../races/support/racer.js';

const POINTS: ReadonlySet<PausePoint> = new Set(['start', 'before applied']);
const MINUTE = 60_000;
const IDLE_MS = 120 * MINUTE;
/** What is sent later than its deadline is not sent at all. */
const late = () => new SessionError('SESSION_STORE_UNAVAILABLE', 'The deadline has passed.');
let races = 0;

type Act = (race: MoveRace, session: AnySession) => Promise<void>;

/** What a request does that has opened the old session; `upsert`, `minutes`, `hours` and `revoke` are no requests. */
export const ACTORS = {
  move: async () => {},
  logout: (race, session) => race.end(() => session.destroy()),
  login: (race, session) => race.replace(() => session.login('ada', { keep: true })),
  regenerate: (race, session) => race.replace(() => session.regenerate(['cart'])),
  empty: (race, session) =>
    race.end(async () => {
      delete session['cart'];
      await session.save();
    }),
  revoke: (race) => race.revoke(),
  upsert: (race) => race.upsert(),
  minutes: (race) => race.passMinutes(),
  hours: (race) => race.passHours(),
} as const satisfies Record<string, Act>;
export type ActorName = keyof typeof ACTORS;
const TIMES: readonly ActorName[] = ['minutes', 'hours'];
const WITHOUT_REQUEST: readonly ActorName[] = ['revoke', 'upsert', 'minutes', 'hours'];

export class MoveRace {
  readonly #clock = new TestClock(Date.UTC(2030, 0, 2, 3, 4, 5));
  readonly #violations = new Set<Violation>();
  readonly #originals = new Map<unknown, Record<string, unknown>>();
  readonly #handle: string;
  readonly #name = `race${++races}`;
  readonly #calls = new WeakMap<Racer, number>();
  #moves = 0;
  /** Something has begun after which the old cookie opens nothing. */
  #isEnding = false;
  #hasEnded = false;
  #isReplaced = false;
  #hasUpsert: boolean;

  constructor(
    private readonly store: SessionStore & MovingStore,
    private readonly names: readonly ActorName[],
    private readonly setting: Setting = {},
  ) {
    if (!setting.isSealed) this.#originals.set(OLD_ID, { _id: OLD_ID });
    this.#hasUpsert = names.includes('upsert');
    const { secrets } = oldSource(this.setting);
    const source = setting.isSealed ? 'old' : 'old_sessions';
    const derivation = new TokenDerivation(secrets[0]!, this.#name, source);
    this.#handle = derivation.tokenOf(setting.isSealed ? idOfSealed : OLD_ID).handle;
  }

  async run(choose: Choose): Promise<{ schedule: readonly string[]; violations: readonly Violation[] }> {
    const racers = this.names.map((_, index) => new Racer(index, POINTS));
    const tasks = this.names.map((name, index) => racers[index]!.begin(() => this.#act(name, index)));
    const ends = Promise.all(tasks);
    ends.catch(() => {});
    const names = this.names.map((name, index) => (index === 0 && this.#isCrashing ? `${name}, killed` : name));
    const schedule = await drive(racers, names, 'all', choose);
    await ends;
    await this.#judge();
    return { schedule, violations: [...this.#violations] };
  }

  async end(act: () => Promise<unknown>): Promise<void> {
    this.#isEnding = true;
    await act();
    this.#hasEnded = true;
  }

  async replace(act: () => Promise<unknown>): Promise<void> {
    this.#isEnding = true;
    await act();
    this.#isReplaced = true;
  }

  async revoke(): Promise<void> {
    const directory = new UserDirectory(this.#process(true).context);
    this.#isEnding = true;
    const hasRevoked = await directory.revoke(this.#handle, {}, { cause: 'app' });
    this.#hasEnded ||= hasRevoked;
  }

  /** A save of the old library that comes late. */
  async upsert(): Promise<void> {
    this.#originals.set(OLD_ID, { _id: OLD_ID });
  }

  /** Eleven minutes, in which what is over is removed. */
  async passMinutes(): Promise<void> {
    this.#clock.advance(11 * MINUTE);
    const stored = await this.store.find(this.#handle);
    if (this.#isOver(stored)) await this.store.take(this.#handle, { expiresAt: stored!.expiresAt });
  }

  /** Longer than a session lives without use. Nobody removes it when its time is over. */
  async passHours(): Promise<void> {
    this.#isEnding = true;
    this.#clock.advance(IDLE_MS);
    this.#hasEnded ||= this.#isOver(await this.store.find(this.#handle));
  }

  #isOver(stored: StoredSession | undefined): boolean {
    return stored !== undefined && stored.expiresAt <= this.#clock.now();
  }

  get #isCrashing(): boolean {
    return this.setting.crashAt !== undefined;
  }

  async #act(name: ActorName, index: number): Promise<void> {
    const act: Act = ACTORS[name];
    const isAfterEnd = this.#hasEnded;
    try {
      if (WITHOUT_REQUEST.includes(name)) return await act(this, undefined as never);
      const visit = await new Browser({ registration: this.#process(true) }, COOKIE).begin();
      const { session } = visit;
      if (session.isNew) {
        if (!this.#isEnding) this.#violations.add('loggedOut');
      } else {
        if (isAfterEnd) this.#violations.add('revived');
        if (this.#originals.size > 0 && !this.#hasUpsert) this.#violations.add('beside');
        await act(this, session);
      }
      await visit.end();
    } catch (error) {
      const { code } = (error as { cause?: { code?: string } }).cause ?? {};
      // The session was ended, or replaced, by somebody else in the meantime.
      const isLate = this.names.some((each) => TIMES.includes(each)) && code === 'SESSION_STORE_UNAVAILABLE';
      const isExpected = isLate || (this.#isEnding && ['SESSION_INTERRUPTED', 'SESSION_ENDED'].includes(code ?? ''));
      if (!(this.#isCrashing && index === 0) && !isExpected) this.#violations.add('failed');
    }
  }

  /** What the old cookie opens afterwards, and again when every tombstone is over. */
  async #judge(): Promise<void> {
    for (let round = 0; round < 2; round++) {
      for (let n = 0; n < 2; n++) await this.#probe();
      if (this.#originals.size > 0) this.#violations.add('beside');
      await this.passMinutes();
    }
    if (this.#moves > 1) this.#violations.add('events');
    const stored = await this.store.find(this.#handle);
    const isAlive = stored !== undefined && stored.epoch >= 0 && !this.#isOver(stored);
    if (isAlive === this.#hasEnded && !this.#isCrashing) this.#violations.add('doubled');
    if (isAlive && !this.#hasEnded && decode(stored.data)['cart'] !== 'tea') this.#violations.add('doubled');
  }

  async #probe(): Promise<void> {
    const visit = await new Browser({ registration: this.#process(false) }, COOKIE).begin();
    const { isNew } = visit.session;
    await visit.end();
    if (!isNew && (this.#hasEnded || this.#isReplaced)) this.#violations.add('revived');
    if (isNew && !this.#isEnding) this.#violations.add('loggedOut');
  }

  /** A process of its own. */
  #process(isRacing: boolean): Registration {
    const { seed = {} } = this.setting;
    const stepped = isRacing ? this.#stepped(this.store) : this.store;
    const seeded = isRacing && seed.store ? seed.store(stepped) : stepped;
    const store = seed.isUnburied && isRacing ? seeded : buryMoved(seeded, this.#clock);
    const plain = this.#documents();
    const documents = isRacing ? this.#stepped(plain) : plain;
    const options = resolveOptions({
      ...{ name: this.#name, store, clock: this.#clock, movingIn: [oldSource(this.setting)], idleTimeout: IDLE_MS },
    });
    const hooks = {
      emit: ({ type }: { type: string }) => void (this.#moves += type === 'movedIn' ? 1 : 0),
      log: { warn() {}, error() {} },
    };
    return new Registration(options, store, codec, hooks, createLoginProtocol, (context, protocol) =>
      createMover(
        context,
        protocol,
        () => (isRacing && seed.documents ? seed.documents(documents) : documents),
        () => this.#clock.now(),
      ),
    );
  }

  #documents(): OldDocuments {
    const originals = this.#originals;
    return {
      collectionName: 'old_sessions',
      find: async (_, id) => originals.get(id),
      remove: async (_, id) => void originals.delete(id),
    };
  }

  /** Stops before each call but the first, and fails where the process is dead. */
  #stepped<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (of, name) => {
        const member = Reflect.get(of, name, of) as unknown;
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]) => {
          const racer = currentRacer();
          if (racer) await this.#pause(racer);
          return (member as (...all: unknown[]) => unknown).apply(of, args);
        };
      },
    });
  }

  async #pause(racer: Racer): Promise<void> {
    const count = this.#calls.get(racer) ?? 0;
    this.#calls.set(racer, count + 1);
    const before = this.#clock.now();
    if (count > 0) await racer.pause('before applied');
    if (this.#clock.now() - before > MINUTE) throw late();
    if (racer.index === 0 && count >= (this.setting.crashAt ?? Infinity))
      throw new SessionError('SESSION_STORE_UNAVAILABLE', 'The process is dead.');
    this.#clock.advance(1);
  }
}
