// The verbs: a promise without a callback, nothing with one.
import { expectTypeOf } from 'vitest';
import { flash, type SessionObject } from '../../lib/index.js';

declare const session: SessionObject;
declare const callback: (error?: unknown) => void;

expectTypeOf(session.save()).toEqualTypeOf<Promise<void>>();
expectTypeOf(session.reload()).toEqualTypeOf<Promise<void>>();
expectTypeOf(session.touch()).toEqualTypeOf<Promise<void>>();
expectTypeOf(session.destroy()).toEqualTypeOf<Promise<void>>();
expectTypeOf(session.regenerate()).toEqualTypeOf<Promise<void>>();
expectTypeOf(session.regenerate({ keep: ['a'] })).toEqualTypeOf<Promise<void>>();
expectTypeOf(session.login('user-7', { keep: true, amr: ['pwd'] })).toEqualTypeOf<Promise<void>>();
expectTypeOf(session.logout({ clearSiteData: ['cookies'] })).toEqualTypeOf<Promise<void>>();

expectTypeOf(session.save(callback)).toEqualTypeOf<void>();
expectTypeOf(session.reload(callback)).toEqualTypeOf<void>();
expectTypeOf(session.touch(callback)).toEqualTypeOf<void>();
expectTypeOf(session.destroy(callback)).toEqualTypeOf<void>();
expectTypeOf(session.regenerate(callback)).toEqualTypeOf<void>();
expectTypeOf(session.regenerate({ keep: true }, callback)).toEqualTypeOf<void>();
expectTypeOf(session.login('user-7', callback)).toEqualTypeOf<void>();
expectTypeOf(session.login('user-7', {}, callback)).toEqualTypeOf<void>();
expectTypeOf(session.logout(callback)).toEqualTypeOf<void>();

expectTypeOf(flash(session, 'notice', 'Saved')).toEqualTypeOf<Promise<void>>();
expectTypeOf(flash(session, 'notice', null)).toEqualTypeOf<Promise<void>>();
expectTypeOf(flash(session, 'notice')).toEqualTypeOf<Promise<unknown[]>>();
expectTypeOf(flash<string>(session, 'notice')).toEqualTypeOf<Promise<string[]>>();

// The callbacks of older libraries fit, and what their types say of an error too.
session.destroy((error: unknown) => void error);
session.save(() => {});

// @ts-expect-error TS2769 a callback takes an error and nothing else
void session.save((error: unknown, result: string) => void [error, result]);
// @ts-expect-error TS2769 a slip of the pen
void session.regenerate({ kepp: true });
// @ts-expect-error TS2769 names of keys, not numbers
void session.regenerate({ keep: [1] });
// @ts-expect-error TS2554 a user has an id
void session.login();
// @ts-expect-error TS2345 that is none
void session.login(undefined);
// @ts-expect-error TS2769 no kind of data that a site has
void session.logout({ clearSiteData: ['everything'] });
// @ts-expect-error TS2345 no message
void flash(session, 'notice', undefined);
// @ts-expect-error TS2345 no session
void flash({}, 'notice');
