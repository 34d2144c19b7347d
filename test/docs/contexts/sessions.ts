// Where `MongoSessions` is injected: a handler's, or a service's.
import { type MongoSessions, type SessionEvents, SessionException, type SessionObject } from 'nestjs-mongo-sessions';

declare const sessions: MongoSessions;
declare const events: SessionEvents;
declare const session: SessionObject<{ cart?: string[]; verified?: string }>;
declare const user: { id: string; plan: { seats: number } };
declare const handle: string;

// <code block>
