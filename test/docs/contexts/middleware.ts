// Where a server of socket.io is set up.
import type { MongoSessions } from 'nestjs-mongo-sessions';
import type { Server } from 'socket.io';

declare const sessions: MongoSessions;
declare const io: Server;

// <code block>
