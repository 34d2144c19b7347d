// The main.ts of an app with passport.
import { NestFactory } from '@nestjs/core';
import passport from 'passport';
import { AppModule } from './app.module.js';

// <code block>
