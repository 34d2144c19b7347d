// Old sessions written by hand, as express-session and connect-mongo write them, and the cookies that belong to them.
import { createHmac, randomBytes } from 'node:crypto';
import type { mongo } from 'mongoose';
import { DAY } from '../../../support/world.js';

export const SECRET = 'keyboard cat';
export const until = new Date(Date.now() + 60 * DAY);

export function signed(sid: string, secret = SECRET): string {
  const signature = createHmac('sha256', secret).update(sid).digest('base64').replace(/=+$/, '');
  return encodeURIComponent(`s:${sid}.${signature}`);
}

/** Stores a session, and returns its id and the cookie's value. */
export async function oldSession(
  collection: mongo.Collection,
  data: object = { cart: 'tea', passport: { user: 'ada' } },
  document: object = {},
): Promise<{ sid: string; cookie: string }> {
  const sid = randomBytes(24).toString('base64url');
  const session = JSON.stringify({ cookie: { originalMaxAge: null, httpOnly: true, path: '/' }, ...data });
  const expires = new Date(Date.now() + DAY);
  await collection.insertOne({ _id: sid as never, session, expires, ...document });
  return { sid, cookie: signed(sid) };
}
