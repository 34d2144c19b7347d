// A resolver.
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { RequireSession, Session, type SessionObject } from 'nestjs-mongo-sessions';

interface Cart {
  items?: string[];
}

// <code block>
