// An app with two kinds of sessions.
import { Controller, Get, Inject, Module } from '@nestjs/common';
import {
  FreshSession,
  MongoSessions,
  MongoSessionsModule,
  Session,
  type SessionObject,
  getSessionsToken,
} from 'nestjs-mongo-sessions';

interface Admin {
  role?: string;
}

// <code block>
