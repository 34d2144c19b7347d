import { NestFactory } from '@nestjs/core';
import { MongoStore } from 'connect-mongo';
import session from 'express-session';
import passport from 'passport';
import { settings } from '../shop/settings.js';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule);
const store = MongoStore.create({ mongoUrl: settings.mongoUri });
const cookie = { maxAge: settings.maxAge };
app.use(session({ store, secret: settings.oldSecret, resave: false, saveUninitialized: false, cookie }));
app.use(passport.session());
app.enableShutdownHooks();
await app.listen(settings.port, settings.host);
console.log(`Listening on ${await app.getUrl()}`);
