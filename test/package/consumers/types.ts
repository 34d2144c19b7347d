// What must compile, and what must not, in the app of somebody who installed the package: app.ts augments `SessionData`.
import {
  type CurrentSession,
  type MongoSessions,
  RequireSession,
  SaveSession,
  Session,
  type SessionImporter,
  type SessionObject,
} from 'nestjs-mongo-sessions';
import { fromConnectMongo } from 'nestjs-mongo-sessions/moving-in';

interface Cart {
  items: string[];
}

export function augmented(session: SessionObject): number {
  // @ts-expect-error nobody declared this key
  session.visit = 1;
  // @ts-expect-error it is a number
  session.visits = '1';
  return session.visits ?? 0;
}

export async function generic(session: SessionObject<Cart>): Promise<string | undefined> {
  // @ts-expect-error a cart has no such key
  session.visits = 1;
  await session.save();
  return session.items[0];
}

export class Decorated {
  whole(@Session() session: SessionObject): SessionObject {
    return session;
  }

  keys(@Session('visits') visits = 0, @Session<Cart>('items') items: string[] = []): unknown[] {
    return [visits, items];
  }

  // @ts-expect-error nobody declared this key
  unknown(@Session('visit') visits: number): number {
    return visits;
  }
}

export async function contexts(sessions: MongoSessions, current: CurrentSession<Cart>): Promise<string[]> {
  const found = await sessions.read<Cart>('0123456789abcdef01234567');
  // @ts-expect-error it can only be read
  if (found) found.items = [];
  // @ts-expect-error a cart has no such key
  await sessions.edit<Cart>('0123456789abcdef01234567', (session) => void (session.visits = 1));
  // @ts-expect-error no source is a text
  await sessions.from('0123456789abcdef01234567');
  return current.session.items;
}

// @ts-expect-error a duration is no boolean
export const wrong = RequireSession({ fresh: true });
export const interceptors = [SaveSession];

export function movingIn(secret: string): SessionImporter[] {
  return [
    fromConnectMongo({
      ...{ collection: 'sessions', cookie: 'connect.sid', secrets: [secret], until: '2027-02-01' },
      userId: (data) => data['passport']?.user as unknown,
    }),
    // @ts-expect-error it has no until
    fromConnectMongo({ collection: 'sessions', cookie: 'connect.sid', secrets: [secret] }),
  ];
}
