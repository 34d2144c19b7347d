// `request.session` of the option `requestSession: 'express-session'`.
import { expectTypeOf } from 'vitest';
import type { ExpressSession, ExpressSessionRequest, FaceSessionCookie } from '../../lib/moving-in/index.js';
import type { RequestSessionFace, SessionOptions } from '../../lib/index.js';
import type { Item } from './augmented.js';

interface Legacy {
  userId?: number;
  save?: string;
}

export async function useSession(
  session: ExpressSession,
  { session: legacy, sessionID, sessionStore }: ExpressSessionRequest<Legacy>,
) {
  expectTypeOf(session.typedCart).toEqualTypeOf<Item[] | undefined>();
  expectTypeOf(session.cookie.originalMaxAge).toEqualTypeOf<number | null>();
  session.cookie.maxAge = 5000;
  session.cookie.maxAge = null;
  session.cookie.expires = new Date();
  session.cookie = legacy.cookie;
  legacy.userId = 7;
  session.touch().resetMaxAge();
  await session.save();
  session.regenerate(() => {});
  await session.regenerate(['typedCart']);
  expectTypeOf(sessionID).toEqualTypeOf<string>();
  sessionStore.get(sessionID, (_error, found) => expectTypeOf(found).toEqualTypeOf<object | null | undefined>());
  // @ts-expect-error TS2540 its name follows from its token
  session.id = 'mine';
  // @ts-expect-error TS2322 a member, although its data have such a key
  legacy.save = 'nope';
  // @ts-expect-error TS2540 an option of the module
  session.cookie.httpOnly = false;
  // @ts-expect-error TS2322 no lifetime
  session.cookie.maxAge = '5000';
  // @ts-expect-error TS2551 a key that nobody has declared
  session.typedCrat = [];
  // @ts-expect-error TS2339 fails with SESSION_FACE_REFUSED
  sessionStore.all(() => {});
  // @ts-expect-error TS2740 no cookie of a face
  session.cookie = { maxAge: 5 };
}

expectTypeOf<FaceSessionCookie['data']['path']>().toEqualTypeOf<string>();
expectTypeOf<RequestSessionFace>().toEqualTypeOf<'plain' | 'express-session' | 'fastify-session' | false>();

const faced: SessionOptions = { requestSession: { as: 'express-session', storeEmpty: 'when-named', unset: 'destroy' } };
// @ts-expect-error TS2322 no such face
faced.requestSession = 'express';
