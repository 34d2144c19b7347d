// A gateway with a room, connection state recovery, and clients of socket.io that come back by themselves.
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { type Socket, io } from 'socket.io-client';
import { onTestFinished } from 'vitest';
import { Session } from '../../../../lib/index.js';
import { cookieHeader } from '../../../../lib/testing/session-client.js';
import type { HttpClient } from '../../../support/http-client.js';
import type { SocketWorld } from '../../../support/sockets.js';
import type { AnySession } from '../../../support/world.js';

export interface RoomSocket {
  readonly recovered: boolean;
  join(room: string): void;
  nsp: { emit(event: string, data: string): void; to(room: string): { emit(event: string, data: string): void } };
}

@WebSocketGateway({ connectionStateRecovery: { maxDisconnectionDuration: 60_000 } })
export class RoomGateway {
  @SubscribeMessage('enter')
  enter(@Session() session: unknown, @ConnectedSocket() client: RoomSocket) {
    client.join('secret');
    return { event: 'entered', data: (session as AnySession).userId ?? null };
  }

  @SubscribeMessage('who')
  who(@Session() session: unknown, @ConnectedSocket() client: RoomSocket) {
    return { event: 'who', data: { user: (session as AnySession).userId ?? null, recovered: client.recovered } };
  }

  @SubscribeMessage('tell')
  tell(@ConnectedSocket() client: RoomSocket, @MessageBody() text: string) {
    client.nsp.to('secret').emit('secret', text);
    client.nsp.emit('all', text);
  }
}

/** A client as a browser page has it: it sends the cookie of the moment, and comes back by itself. */
export function page(world: SocketWorld, browser: HttpClient) {
  const headers: Record<string, string> = {};
  const takeCookie = () => void (headers['cookie'] = cookieHeader(browser.jar));
  takeCookie();
  const socket = io(world.http.app.origin, {
    ...{ extraHeaders: headers, transports: ['websocket'], forceNew: true },
    ...{ reconnectionDelay: 20, randomizationFactor: 0 },
  });
  socket.io.on('reconnect_attempt', takeCookie);
  onTestFinished(() => void socket.disconnect());
  return { ...speak(socket), quiet: () => speak(socket.io.socket('/quiet')) };
}

function speak(socket: Socket) {
  const heard: string[] = [];
  socket.onAny((event: string, text: string) => heard.push(`${event} ${text}`));
  const next = (event: string) => new Promise<unknown>((resolve) => void socket.once(event, resolve));
  const ask = (event: string, answer: string, data: unknown = {}) => {
    const answered = next(answer);
    socket.emit(event, data);
    return answered;
  };
  return { socket, heard, ask, next };
}
