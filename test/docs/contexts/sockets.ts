// A server of ws that is no gateway.
import type { MongoSessions } from 'nestjs-mongo-sessions';
import type { WebSocketServer } from 'ws';

declare const sessions: MongoSessions;
declare const server: WebSocketServer;

// <code block>
