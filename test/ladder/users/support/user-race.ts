// One race for the sessions of a user: logins and revocations, each in a process of its own, driven through one schedule.
import type { LoginProtocol } from '../../../../lib/core/lifecycle/login-protocol.interface.js';
import type { SessionContext } from '../../../../lib/core/lifecycle/session-context.js';
import { resolveOptions } from '../../../../lib/core/options/resolve-options.js';
import { Registration } from '../../../../lib/core/request/registration.js';
import { createLoginProtocol } from '../../../../lib/core/users/login-protocol.js';
import { UserDirectory } from '../../../../lib/core/users/user-directory.js';
import type { SessionOptions, StoredUser } from '../../../../lib/index.js';
import { TestClock } from '../../../../lib/testing/index.js';
import { codec } from '../../../support/core/codec.js';
import { Browser, MINUTE } from '../../../support/core/world.js';
import { type Choose, drive } from '../../races/support/explore.js';
import { type PausePoint, Racer } from '../../races/support/racer.js';
import { ACTORS, type ActorName, type Scene } from './actors.js';
import { aroundStore, type Crash, steppedUsers, type UserStore } from './stepped-users.js';

export interface Setting {
  readonly limit: number;
  readonly policy: 'endIdlest' | 'endOldest' | 'refuse';
  /** Sessions of the user before the race. */
  readonly before: number;
  /** Whether these were logged in with the limit, so that they have seats. */
  readonly isSeated: boolean;
}

/** A mistake of other libraries, put into this one. */
export interface Seed {
  readonly store?: (store: UserStore) => UserStore;
  readonly protocol?: (context: SessionContext) => LoginProtocol;
  readonly directory?: (context: SessionContext) => UserDirectory;
}

export const VIOLATIONS = {
  over: 'never more sessions than the limit',
  under: 'never fewer sessions than the policy says',
  survivor: 'no session and no login survives a revocation',
  foreign: 'nobody ends a session of another user',
  failed: 'a login fails only if it is refused',
} as const;
export type Violation = keyof typeof VIOLATIONS;

export interface Outcome {
  readonly schedule: readonly string[];
  readonly violations: readonly Violation[];
}

const POINTS: ReadonlySet<PausePoint> = new Set(['start', 'before applied']);
let users = 0;

export class UserRace {
  readonly #clock = new TestClock(Date.UTC(2030, 0, 2, 3, 4, 5));
  readonly #userId = `user ${++users}`;
  readonly #violations = new Set<Violation>();
  /** Browsers that have got a token of the user, and when the request for it arrived. */
  readonly #released = new Map<Browser, number>();
  /** The latest stamp of a revocation. */
  #revokedAt = -Infinity;
  readonly #probe: Registration;
  readonly #stepped: UserStore;

  constructor(
    private readonly store: UserStore,
    private readonly setting: Setting,
    private readonly names: readonly ActorName[],
    private readonly seed: Seed = {},
    private readonly crash?: Crash,
  ) {
    this.#probe = this.#process(store, {});
    const seeded = seed.store?.(this.#watched(store)) ?? this.#watched(store);
    this.#stepped = steppedUsers(seeded, this.#clock, { crash, stopsAtEverybody: names.includes('revokeEverybody') });
  }

  async run(choose: Choose): Promise<Outcome> {
    const scene = await this.#prepare();
    const racers = this.names.map((_, index) => new Racer(index, POINTS));
    const tasks = this.names.map((name, index) => racers[index]!.begin(() => this.#act(name, scene)));
    const ends = Promise.all(tasks);
    ends.catch(() => {});
    const names = this.names.map((name, index) => (index === this.crash?.index ? `${name}, killed` : name));
    const schedule = await drive(racers, names, 'all', choose);
    await ends;
    await this.#judge(scene);
    return { schedule, violations: [...this.#violations] };
  }

  async #prepare(): Promise<Scene> {
    const { limit, before, isSeated } = this.setting;
    const process = this.#process(this.store, isSeated ? this.#limited(Math.max(limit, before)) : {});
    const browsers: Browser[] = [];
    for (let n = 0; n < before; n++) {
      const browser = new Browser({ registration: process }, undefined);
      await browser.visit((session) => session.login(this.#userId));
      browsers.push(browser);
      this.#clock.advance(1000);
    }
    const visitor = async (hasSession: boolean) => {
      const browser = new Browser({ registration: this.#probe }, undefined);
      if (hasSession) await browser.visit((session) => void (session['cart'] = 1));
      return browser;
    };
    return { userId: this.#userId, before: browsers, visitor };
  }

  async #act(name: ActorName, scene: Scene): Promise<void> {
    const actor = ACTORS[name];
    const { protocol = createLoginProtocol, directory } = this.seed;
    if (actor.kind === 'revocation') {
      const { context } = this.#process(this.#stepped, {});
      await actor.act(directory?.(context) ?? new UserDirectory(context), scene).catch(() => this.#failed());
      return;
    }
    if (actor.kind === 'visit') {
      const registration = this.#process(this.#stepped, {});
      const visit = await new Browser({ registration }, scene.before[0]!.cookie).begin();
      await actor.act(visit.session).catch(() => {});
      await visit.end().catch(() => {});
      return;
    }
    const options = actor.isLimited ? this.#limited(this.setting.limit) : {};
    const registration = this.#process(this.#stepped, options, protocol);
    const { cookie } = await actor.browser(scene);
    const away = new Browser({ registration: this.#process(this.#stepped, {}) }, cookie);
    if ('isBack' in actor) await away.visit((session) => session.login(`not ${this.#userId}`)).catch(() => {});
    const browser = new Browser({ registration }, away.cookie);
    const visit = await browser.begin();
    const arrivedAt = this.#clock.now();
    try {
      await visit.session.login(this.#userId);
      await visit.end();
    } catch (error) {
      const { code } = (error as { cause?: { code?: string } }).cause ?? {};
      if (!['SESSION_LIMIT_REACHED', 'SESSION_LOGIN_REVOKED'].includes(code ?? '')) this.#failed();
      return;
    }
    this.#released.set(browser, arrivedAt);
    if (this.#isAllLimited && (await this.#countLiving(scene)) > this.setting.limit) this.#violations.add('over');
  }

  #failed(): void {
    if (!this.crash) this.#violations.add('failed');
  }

  async #judge(scene: Scene): Promise<void> {
    const { limit, before, policy } = this.setting;
    const actors = this.names.map((name) => ACTORS[name]);
    // A session that was another user's in between may be ended while it logs in: one fewer, and never one more.
    const mayLack = this.crash !== undefined || this.names.includes('a login as another and back');
    if (actors.some(({ kind }) => kind === 'revocation')) return this.#judgeRevocations(scene);
    const added = actors.filter((actor) => actor.kind === 'login' && actor.isNew).length;
    const ended = actors.filter((actor) => actor.kind === 'visit' && actor.ends === 1).length;
    // A login may be refused for the sake of a session that the user then ends.
    const isRefusing = policy === 'refuse';
    const least = Math.min(limit, before + added - (isRefusing ? 0 : ended)) - (isRefusing ? ended : 0);
    const last = new Browser({ registration: this.#process(this.store, this.#limited(limit)) }, undefined);
    this.#clock.advance(1000);
    const present = await this.#countLiving(scene);
    if (!mayLack && present < least) this.#violations.add('under');
    const isRefused = await last
      .visit((session) => session.login(this.#userId))
      .then(
        () => false,
        () => true,
      );
    if (!isRefused) this.#released.set(last, this.#clock.now());
    const living = await this.#countLiving(scene);
    // Logins without a limit may go over it, and nobody ends them where the policy is to refuse.
    const isOver = this.#isAllLimited || policy !== 'refuse' ? living > limit : present >= limit && !isRefused;
    if (isOver) this.#violations.add('over');
    if (!mayLack && living < Math.min(limit, least + 1)) this.#violations.add('under');
    if (this.crash) await this.#judgeSeats(limit);
  }

  /** What a killed process has left frees itself: in the end there is room for as many as before. */
  async #judgeSeats(limit: number): Promise<void> {
    this.#clock.advance(31 * MINUTE);
    const process = this.#process(this.store, this.#limited(limit));
    const browsers: Browser[] = [];
    for (let n = 0; n < limit; n++) {
      const browser = new Browser({ registration: process }, undefined);
      await browser.visit((session) => session.login(this.#userId)).catch(() => {});
      browsers.push(browser);
      this.#clock.advance(1000);
    }
    const alive = await Promise.all(browsers.map((browser) => this.#isAlive(browser)));
    if (!alive.every(Boolean)) this.#violations.add('under');
  }

  #watched(store: UserStore): UserStore {
    return aroundStore(store, (name, args, call) => {
      const { revokedAt } = (name === 'changeUser' || name === 'insertUser' ? args[0] : {}) as Partial<StoredUser>;
      this.#revokedAt = Math.max(this.#revokedAt, revokedAt ?? -Infinity);
      return call();
    });
  }

  async #judgeRevocations(scene: Scene): Promise<void> {
    if (this.names.includes('a stranger revokes')) return this.#judgeStranger(scene);
    // Nobody is left who looks.
    if (this.crash && ACTORS[this.names[this.crash.index]!].kind === 'revocation') return;
    const spared = this.names.includes('revokeOthers') ? scene.before[0]!.handle : undefined;
    for (const [browser, arrivedAt] of this.#released) {
      const isSpared = spared !== undefined && browser.handle === spared;
      if (arrivedAt <= this.#revokedAt && !isSpared && (await this.#isAlive(browser))) this.#violations.add('survivor');
    }
    // It was not this user's when it was looked for.
    if (this.names.includes('a login as another and back')) return;
    for (const [index, browser] of scene.before.entries()) {
      const isEnded = index === 0 ? spared === undefined : this.#revokedAt > 0;
      if (isEnded && (await this.#isAlive(browser))) this.#violations.add('survivor');
    }
  }

  /** The younger of two sessions: a login ends the other one. */
  async #judgeStranger({ before }: Scene): Promise<void> {
    if (!(await this.#isAlive(before[1]!))) this.#violations.add('foreign');
  }

  get #isAllLimited(): boolean {
    return this.names.every((name) => {
      const actor = ACTORS[name];
      return actor.kind === 'visit' || (actor.kind === 'login' && actor.isLimited);
    });
  }

  async #countLiving({ before }: Scene): Promise<number> {
    const handles = new Set<string>();
    for (const browser of [...before, ...this.#released.keys()])
      if (await this.#isAlive(browser)) handles.add(browser.handle);
    return handles.size;
  }

  /** In another browser, past everything that is driven. */
  async #isAlive({ cookie }: Browser): Promise<boolean> {
    const visit = await new Browser({ registration: this.#probe }, cookie).begin();
    return visit.session.userId === this.#userId;
  }

  #limited(maxSessions: number): SessionOptions {
    return { maxSessions, onMaxSessions: this.setting.policy };
  }

  #process(
    store: UserStore,
    given: SessionOptions,
    protocol: (context: SessionContext) => LoginProtocol = createLoginProtocol,
  ): Registration {
    const options = resolveOptions({ store, clock: this.#clock, ...given });
    return new Registration(options, store, codec, { emit() {}, log: { warn() {}, error() {} } }, protocol);
  }
}
