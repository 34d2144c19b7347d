import { UseInterceptors } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
} from '@nestjs/websockets';
import { MongoSessions, RequireSession, SaveSession, Session, type SessionObject } from 'nestjs-mongo-sessions';
import type { Server, Socket } from 'socket.io';
import './session-data.js';
import { findUser } from './users.js';

/** The room of everybody who is signed in. A session that ends leaves its rooms. */
const MEMBERS = 'members';
const MAX_TEXT = 500;
const MAX_NAME = 40;

@WebSocketGateway({ maxHttpBufferSize: 10_000 })
@RequireSession({ user: true })
export class ChatGateway implements OnGatewayConnection {
  @WebSocketServer() private readonly server!: Server;

  constructor(private readonly sessions: MongoSessions) {}

  /** Nest runs no guards and no filters here. */
  async handleConnection(client: Socket): Promise<void> {
    try {
      const session = await this.sessions.from(client);
      const user = findUser(session.userId);
      if (!user) {
        client.disconnect(true);
        return;
      }
      await client.join(MEMBERS);
      client.emit('welcome', { user: user.name, name: nameOf(session) });
    } catch {
      // MongoDB is away, for example: without a transport, the client tries again.
      client.conn.close();
    }
  }

  @SubscribeMessage('say')
  say(@Session() session: SessionObject, @MessageBody() text: unknown): void {
    const said = textOf(text, MAX_TEXT);
    if (said !== undefined) this.server.to(MEMBERS).emit('said', { name: nameOf(session), text: said });
  }

  /** Told to the others, and saved nowhere. */
  @SubscribeMessage('typing')
  typing(@Session() session: SessionObject, @ConnectedSocket() client: Socket): void {
    client.to(MEMBERS).emit('typing', nameOf(session));
  }

  /** Saved before it is answered. Without `SaveSession`, it would be `await session.save()` here. */
  @UseInterceptors(SaveSession)
  @SubscribeMessage('rename')
  rename(@Session() session: SessionObject, @MessageBody() name: unknown) {
    const chosen = textOf(name, MAX_NAME);
    if (chosen === undefined) return undefined;
    session.name = chosen;
    return { event: 'renamed', data: chosen };
  }
}

function nameOf({ name, userId }: SessionObject): string {
  return name ?? findUser(userId)?.name ?? 'Somebody';
}

/** One line of text with something in it, or undefined: a client can send anything. */
function textOf(value: unknown, maxLength: number): string | undefined {
  if (typeof value !== 'string') return undefined;
  const line = value.replaceAll(/\s+/g, ' ').trim();
  return line.length > 0 && line.length <= maxLength ? line : undefined;
}
