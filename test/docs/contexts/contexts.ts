// Classes that get their session somewhere else than in a controller.
import { type CanActivate, Controller, type ExecutionContext, Get, Injectable, Sse } from '@nestjs/common';
import { CurrentSession, MongoSessions, ReadonlySession, RequireSession, SessionUser } from 'nestjs-mongo-sessions';
import type { Observable } from 'rxjs';

interface Cart {
  items?: { price: number }[];
}

interface User {
  readonly name: string;
}

declare class Orders {
  of(user: User): Promise<object[]>;
}

declare class Ticks {
  asEvents(): Observable<{ data: string }>;
}

// <code block>
