// A subscription over graphql-sse.
import { type EventEmitter, on } from 'node:events';
import { Resolver, Subscription } from '@nestjs/graphql';
import { MongoSessions, Session, type SessionObject } from 'nestjs-mongo-sessions';
import type { Observable } from 'rxjs';

// <code block>
