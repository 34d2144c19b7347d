// The session with the data that the app has declared, in `SessionData` or as a type of its own.
import type { Request as ExpressRequest } from 'express';
import type { FastifyRequest } from 'fastify';
import { expectTypeOf } from 'vitest';
import type { SessionCookie, SessionData, SessionObject, SessionUserId } from '../../lib/index.js';
import type { Item } from './augmented.js';

declare const session: SessionObject;

// Declared data are typed, and may be missing.
expectTypeOf(session.typedCart).toEqualTypeOf<Item[] | undefined>();
expectTypeOf(session.typedVisits).toEqualTypeOf<number | undefined>();
expectTypeOf<keyof SessionData>().toEqualTypeOf<'typedCart' | 'typedVisits' | 'typedUser'>();
expectTypeOf<SessionObject>().toExtend<SessionObject<object>>();
session.typedCart = [{ sku: 'a', amount: 1 }];
delete session.typedCart;
const { typedVisits = 0 } = session;
expectTypeOf(typedVisits).toEqualTypeOf<number>();

// @ts-expect-error TS2551 a slip of the pen
void session.typedCrat;
// @ts-expect-error TS2551 nor can it be set
session.typedVisit = 1;
// @ts-expect-error TS2322 a value of another type
session.typedVisits = '1';
// @ts-expect-error TS2741 a part of a value
session.typedCart = [{ sku: 'a' }];
// @ts-expect-error TS18048 what may be missing
void session.typedCart.length;
// @ts-expect-error TS2540 what is declared as read-only
session.typedUser!.id = 'x';

// A type of one's own stands in the place of what is declared.
interface Checkout {
  step: 1 | 2;
  note?: string;
}
declare const checkout: SessionObject<Checkout>;
expectTypeOf(checkout.step).toEqualTypeOf<1 | 2>();
checkout.note = 'x';
// @ts-expect-error TS2322 a value of another type
checkout.step = 3;
// @ts-expect-error TS2339 what is declared for all the others
void checkout.typedCart;
// @ts-expect-error TS2344 data are an object
export type OfText = SessionObject<string>;

// Members that can't be set.
// @ts-expect-error TS2540 read-only
session.id = 'x';
// @ts-expect-error TS2540 read-only
session.handle = 'x';
// @ts-expect-error TS2540 read-only
session.isNew = false;
// @ts-expect-error TS2540 read-only
session.createdAt = new Date();
// @ts-expect-error TS2540 read-only
session.expiresAt = new Date();
// @ts-expect-error TS2540 read-only
session.userId = 'x';

// Names that are taken are no keys of data.
declare const clash: SessionObject<{ save: string; id: number; destroy?: boolean }>;
// @ts-expect-error TS2322 a method
clash.save = 'x';
// @ts-expect-error TS2540 a member
clash.id = 1;
// @ts-expect-error TS2322 a method
clash.destroy = true;

// B15: not even where the data declare it.
declare const tutorial: SessionObject<{ userId?: string; cart?: string[] }>;
// @ts-expect-error TS2540 read-only
tutorial.userId = 'x';
tutorial.cart = [];
expectTypeOf<(typeof tutorial)['userId']>().toEqualTypeOf<SessionUserId | undefined>();
declare const any: SessionObject<Record<string, unknown>>;
any['key'] = 1;
// @ts-expect-error TS2540 read-only
any.userId = 'x';

// B10: on requests of both platforms, without a cast.
declare const request: ExpressRequest;
declare const fastifyRequest: FastifyRequest;
expectTypeOf(request.session).toEqualTypeOf<SessionObject>();
expectTypeOf(fastifyRequest.session).toEqualTypeOf<SessionObject>();
request.session.typedVisits = 1;
// @ts-expect-error TS2551 a slip of the pen
void fastifyRequest.session.typedVisit;

// Members.
expectTypeOf(session.id).toEqualTypeOf<string>();
expectTypeOf(session.handle).toEqualTypeOf<string>();
expectTypeOf(session.isNew).toEqualTypeOf<boolean>();
expectTypeOf(session.createdAt).toEqualTypeOf<Date>();
expectTypeOf(session.expiresAt).toEqualTypeOf<Date>();
expectTypeOf(session.cookie).toEqualTypeOf<SessionCookie>();
expectTypeOf<(typeof session)['userId']>().toEqualTypeOf<SessionUserId | undefined>();
expectTypeOf(session.permanent).toEqualTypeOf<number | false>();
session.permanent = true;
session.permanent = 60_000;
session.cookie.maxAge = null;
// @ts-expect-error TS2322 milliseconds or a boolean
session.permanent = '14d';

// What is spread is the data, without methods. (Not so in types: TypeScript knows no inherited accessors.)
expectTypeOf(JSON.parse(JSON.stringify(session))).toBeAny();
