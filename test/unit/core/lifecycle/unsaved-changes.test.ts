// The watch on responses that have closed, and when it warns.
import { describe, expect, it } from 'vitest';
import { UnsavedChanges } from '../../../../lib/core/lifecycle/unsaved-changes.js';
import { TestClock } from '../../../../lib/testing/test-clock.js';

/** Counts how often it is looked at. */
class Closed {
  looks = 0;
  isChanged = false;

  constructor(public state: 'sent' | 'abandoned' = 'sent') {}

  get hasUnsavedChanges(): boolean {
    this.looks += 1;
    return this.isChanged;
  }
}

function watch() {
  const clock = new TestClock();
  const warnings: string[] = [];
  return { clock, warnings, unsaved: new UnsavedChanges(clock, (message) => warnings.push(message)) };
}

describe('UnsavedChanges', () => {
  it('looks at a response four times in a second, and then lets it go', () => {
    const { clock, warnings, unsaved } = watch();
    const closed = new Closed();
    unsaved.add(closed);
    expect(closed.looks).toBe(0);
    for (const looks of [1, 2, 3, 4, 4, 4]) {
      clock.advance(250);
      expect(closed.looks).toBe(looks);
    }
    closed.isChanged = true;
    clock.advance(60_000);
    expect(warnings).toEqual([]);
  });

  it.each([0, 249, 250, 500, 999])('finds what is changed after %i ms', (milliseconds) => {
    const { clock, warnings, unsaved } = watch();
    const closed = new Closed();
    unsaved.add(closed);
    clock.advance(milliseconds);
    closed.isChanged = true;
    clock.advance(60_000);
    expect(warnings).toEqual([expect.stringContaining('after its response had closed')]);
  });

  it('gives a handler that has not responded ten seconds', () => {
    const { clock, warnings, unsaved } = watch();
    const closed = new Closed('abandoned');
    closed.isChanged = true;
    unsaved.add(closed);
    clock.advance(9_999);
    expect([closed.looks, warnings]).toEqual([0, []]);
    clock.advance(1);
    expect(warnings).toEqual([expect.stringContaining('has not responded, ten seconds after')]);
    clock.advance(60_000);
    expect(closed.looks).toBe(1);
  });

  it('says nothing of a handler that has responded in time, and has saved', () => {
    const { clock, warnings, unsaved } = watch();
    const closed = new Closed('abandoned');
    unsaved.add(closed);
    clock.advance(5_000);
    closed.state = 'sent';
    clock.advance(60_000);
    expect([closed.looks, warnings]).toEqual([1, []]);
  });

  it('watches the last 32, and each of many that come later', () => {
    const { clock, warnings, unsaved } = watch();
    const all = Array.from({ length: 100 }, () => new Closed());
    for (const closed of all) unsaved.add(closed);
    clock.advance(60_000);
    expect(all.map(({ looks }) => looks > 0)).toEqual(all.map((_, index) => index >= 68));
    expect(warnings).toEqual([]);
  });

  it('starts again after a rest', () => {
    const { clock, warnings, unsaved } = watch();
    unsaved.add(new Closed());
    clock.advance(60_000);
    const closed = new Closed();
    closed.isChanged = true;
    unsaved.add(closed);
    clock.advance(250);
    expect(warnings).toHaveLength(1);
  });

  it('looks at nothing more once it is stopped', () => {
    const { clock, warnings, unsaved } = watch();
    const closed = new Closed();
    closed.isChanged = true;
    unsaved.add(closed);
    unsaved.stop();
    clock.advance(60_000);
    expect([closed.looks, warnings]).toEqual([0, []]);
  });
});
