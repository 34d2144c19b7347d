import { NestFactory } from '@nestjs/core';
import passport from 'passport';
import { settings } from '../shop/settings.js';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule);
app.use(passport.session());
app.enableShutdownHooks();
await app.listen(settings.port, settings.host);
console.log(`Listening on ${await app.getUrl()}`);
