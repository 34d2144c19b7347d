// The main.ts of an app with csrf-csrf.
import { NestFactory } from '@nestjs/core';
import cookieParser from 'cookie-parser';
import { AppModule } from './app.module.js';

declare const doubleCsrfProtection: () => void;

// <code block>
