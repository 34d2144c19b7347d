// What a browser may do, as commands for fast-check: each does it for real, and in the model, and compares what it is told.
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { finish } from './finish.js';
import type { Model, ModelSession } from './model.js';
import { type Step, steps } from './steps.js';
import { Browser, registrationOn, type Visit as OpenRequest } from '../../../support/core/world.js';
import { TestClock } from '../../../../lib/testing/index.js';
import type { SessionStore } from '../../../../lib/index.js';

/** The real thing beside the model: browsers by number, on any store. */
export class World {
  readonly clock = new TestClock(Date.UTC(2030, 0, 2, 3, 4, 5));
  readonly registration;
  readonly browsers: readonly Browser[];
  readonly open = new Map<number, OpenRequest>();

  constructor(store: SessionStore, browsers: number) {
    this.registration = registrationOn(store, this.clock);
    this.browsers = Array.from({ length: browsers }, () => new Browser(this));
  }
}

type Command = fc.AsyncCommand<Model, World>;

/** A request is sent and read, and its handler waits. */
class Begin implements Command {
  constructor(
    readonly browser: number,
    readonly slot: number,
  ) {}

  check(model: Readonly<Model>): boolean {
    return !model.open.has(this.slot);
  }

  async run(model: Model, world: World): Promise<void> {
    const { browser, slot } = this;
    const token = model.jars[browser];
    const session = model.find(token);
    model.open.set(slot, {
      browser,
      hasSentToken: token !== undefined,
      token: session && token,
      view: { ...session?.data },
    });
    const request = await world.browsers[browser]!.begin();
    world.open.set(slot, request);
    compare(request, session);
  }

  toString(): string {
    return `browser ${this.browser} sends request ${this.slot}`;
  }
}

/** The handler goes on, and the answer leaves. */
class End implements Command {
  constructor(
    readonly slot: number,
    readonly step: Step,
  ) {}

  check(model: Readonly<Model>): boolean {
    return model.open.has(this.slot);
  }

  async run(model: Model, world: World): Promise<void> {
    const opened = model.open.get(this.slot)!;
    const request = world.open.get(this.slot)!;
    model.open.delete(this.slot);
    world.open.delete(this.slot);
    const status = await request.respond((session) => this.step.act(session));
    expect(status).toBe(finish(model, { ...opened, step: this.step }));
    await lookAround(model, world);
  }

  toString(): string {
    return `request ${this.slot} ${this.step.name}`;
  }
}

/** A whole request, while nothing else happens. */
class Visit implements Command {
  constructor(
    readonly browser: number,
    readonly step: Step,
  ) {}

  check(): boolean {
    return true;
  }

  async run(model: Model, world: World): Promise<void> {
    await new Begin(this.browser, ALONE).run(model, world);
    await new End(ALONE, this.step).run(model, world);
  }

  toString(): string {
    return `browser ${this.browser} ${this.step.name}`;
  }
}

const ALONE = -1;

/** Nobody is under way meanwhile: a request of half an hour counts as use of its session. */
class Wait implements Command {
  constructor(readonly minutes: number) {}

  check(model: Readonly<Model>): boolean {
    return model.open.size === 0;
  }

  async run(model: Model, world: World): Promise<void> {
    model.now += this.minutes * 60_000;
    world.clock.advance(this.minutes * 60_000);
  }

  toString(): string {
    return `${this.minutes} minutes go by`;
  }
}

/** Another tab, or a thief: one browser gets the cookie of another. */
class Copy implements Command {
  constructor(
    readonly from: number,
    readonly to: number,
  ) {}

  check(): boolean {
    return this.from !== this.to;
  }

  async run(model: Model, world: World): Promise<void> {
    model.jars[this.to] = model.jars[this.from];
    Object.assign(world.browsers[this.to]!, { cookie: world.browsers[this.from]!.cookie });
    await lookAround(model, world);
  }

  toString(): string {
    return `browser ${this.to} gets the cookie of browser ${this.from}`;
  }
}

export function commands(browsers: number): fc.Arbitrary<Command>[] {
  const browser = fc.nat(browsers - 1);
  const slot = fc.nat(2);
  const end = fc.tuple(slot, steps).map((args) => new End(...args));
  const visit = fc.tuple(browser, steps).map((args) => new Visit(...args));
  // The more often one is named, the more often it is chosen.
  return [
    visit,
    visit,
    visit,
    fc.tuple(browser, slot).map((args) => new Begin(...args)),
    end,
    end,
    end,
    fc.constantFrom(1, 3, 29, 30, 100).map((minutes) => new Wait(minutes)),
    fc.tuple(browser, browser).map((args) => new Copy(...args)),
  ];
}

/** What the next request of every browser would find. */
async function lookAround(model: Model, world: World): Promise<void> {
  for (const [browser, token] of model.jars.entries())
    compare(await world.browsers[browser]!.begin(), model.find(token));
}

function compare({ session }: OpenRequest, expected: ModelSession | undefined): void {
  expect({ data: { ...session }, user: session.userId, isNew: session.isNew }).toEqual({
    data: { ...expected?.data },
    user: expected?.user,
    isNew: !expected,
  });
}
