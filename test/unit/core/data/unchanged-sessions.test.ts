// What a request leaves as it was is not written, and every change is.
import { describe, expect, test } from 'vitest';
import { type AnySession, visitWith } from '../../../support/core/world.js';

const plain = { n: 1, zero: 0, text: 'a', yes: true, nothing: null };

const changes: [what: string, change: (session: AnySession) => void, after: object][] = [
  ['another value', (session) => void (session['n'] = 2), { ...plain, n: 2 }],
  ['another type of the same look', (session) => void (session['n'] = '1'), { ...plain, n: '1' }],
  ['the other zero', (session) => void (session['zero'] = -0), { ...plain, zero: -0 }],
  ['an object in place of null', (session) => void (session['nothing'] = {}), { ...plain, nothing: {} }],
  ['a new key', (session) => void (session['more'] = 1), { ...plain, more: 1 }],
  [
    'a new key in place of another',
    (session) => {
      delete session['n'];
      session['m'] = 1;
    },
    { zero: 0, text: 'a', yes: true, nothing: null, m: 1 },
  ],
  [
    'undefined in place of another key',
    (session) => {
      delete session['n'];
      session['m'] = undefined;
    },
    { zero: 0, text: 'a', yes: true, nothing: null },
  ],
];

describe('a session of plain values', () => {
  test('that is only read is not written', async () => {
    const { world, browser } = await visitWith(plain);
    await browser.visit((session) => void Object.entries(session));
    expect(world.store.takeCalls()).toEqual(['find']);
  });

  test.each(changes)('is written with %s', async (_what, change, after) => {
    const { world, browser } = await visitWith(plain);
    await browser.visit(change);
    expect(await world.stored(browser.handle)).toEqual(after);
  });

  test('is written with a value that was saved as another and then set back', async () => {
    const { world, browser } = await visitWith(plain);
    await browser.visit(async (session) => {
      session['n'] = 2;
      await session.save();
      session['n'] = 1;
    });
    expect(await world.stored(browser.handle)).toEqual(plain);
  });

  test('is written when it is changed after a reload has found another value', async () => {
    const { world, browser } = await visitWith(plain);
    const visit = await browser.begin();
    expect(visit.session['n']).toBe(1);
    await browser.visit((session) => void (session['n'] = 2));
    await visit.session.reload();
    visit.session['n'] = 1;
    await visit.end();
    expect(await world.stored(browser.handle)).toEqual(plain);
  });
});

test('a change inside an object is written', async () => {
  const { world, browser } = await visitWith({ n: 1, cart: { items: [1] } });
  await browser.visit((session) => void (session['cart'] as { items: number[] }).items.push(2));
  expect(await world.stored(browser.handle)).toEqual({ n: 1, cart: { items: [1, 2] } });
});
