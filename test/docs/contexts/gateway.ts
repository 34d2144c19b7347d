// A gateway of socket.io.
import { UseInterceptors } from '@nestjs/common';
import { MessageBody, type OnGatewayConnection, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { MongoSessions, SaveSession, Session, type SessionObject } from 'nestjs-mongo-sessions';
import type { Socket } from 'socket.io';

class Item {
  readonly name!: string;
}

interface Cart {
  items?: Item[];
  theme?: string;
}

// <code block>
