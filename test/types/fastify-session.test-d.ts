// `request.session` of the option `requestSession: 'fastify-session'`.
import { expectTypeOf } from 'vitest';
import type { FaceSessionCookie, FastifySession, FastifySessionRequest } from '../../lib/moving-in/index.js';
import type { Item } from './augmented.js';

interface Legacy {
  userId?: number;
  data?: string;
}

export async function useSession(
  session: FastifySession,
  { session: legacy, sessionStore }: FastifySessionRequest<Legacy>,
) {
  expectTypeOf(session.typedCart).toEqualTypeOf<Item[] | undefined>();
  expectTypeOf(session.get('typedCart')).toEqualTypeOf<Item[] | undefined>();
  expectTypeOf(session.get('another')).toEqualTypeOf<unknown>();
  expectTypeOf(session.cookie).toEqualTypeOf<FaceSessionCookie>();
  session.set('typedCart', undefined);
  session.set('another', 1);
  session.cookie.maxAge = 5000;
  legacy.userId = 7;
  expectTypeOf(legacy.get('data')).toEqualTypeOf<string | undefined>();
  expectTypeOf(legacy.data()).toEqualTypeOf<Partial<Legacy>>();
  await session.regenerate(['typedCart']);
  session.regenerate(['typedCart'], () => {});
  session.destroy(() => {});
  sessionStore.get(session.sessionId, () => {});
  expectTypeOf(session.isModified()).toEqualTypeOf<boolean>();
  // @ts-expect-error TS2345 another type than declared
  session.set('typedCart', 1);
  // @ts-expect-error TS2540 its name follows from its token
  session.sessionId = 'mine';
  // @ts-expect-error TS2322 a member, although its data have such a key
  legacy.data = 'nope';
  // @ts-expect-error TS2339 fails with SESSION_FACE_REFUSED
  session.options({ maxAge: 1 });
}
