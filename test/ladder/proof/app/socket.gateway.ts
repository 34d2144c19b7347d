import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Session, type SessionObject } from '../../../../lib/index.js';

@WebSocketGateway()
export class SocketGateway {
  /** Without the session, for a comparison. */
  @SubscribeMessage('nothing') nothing() {
    return { event: 'done', data: null };
  }

  @SubscribeMessage('user') user(@Session() session: SessionObject) {
    return { event: 'done', data: session.userId ?? null };
  }
}
