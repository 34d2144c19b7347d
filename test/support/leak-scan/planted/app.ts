// An app that leaks what its tests tell it to.
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import type { Registration } from '../../../../lib/core/request/registration.js';
import type { SessionOptions } from '../../../../lib/core/options/session-options.js';
import type { SessionObject } from '../../../../lib/core/session/session.js';
import { Session } from '../../../../lib/nest/decorators/session.decorator.js';
import { MongoSessions, registrationOf } from '../../../../lib/nest/mongo-sessions.service.js';
import { type TestApp, startApp } from '../../app.js';
import type { HttpClient } from '../../http-client.js';
import type { TestDatabase } from '../../mongo.js';

export const SIGNING_KEY = 'a signing key that is long enough';
export const ENCRYPTION_KEY = Buffer.from('7d1f0a6b93c2e85f4412d0b7a96e3c58f0112233445566778899aabbccddeeff', 'hex');

interface AnyRequest {
  readonly headers: { readonly cookie?: string };
}

@Controller()
class LeakingController {
  @Get('begin') begin(@Session() session: SessionObject<{ a: number }>) {
    session.a = 1;
  }

  @Get('body') body(@Req() request: AnyRequest) {
    return { cookie: request.headers.cookie };
  }

  @Get('header') header(@Req() request: AnyRequest, @Res({ passthrough: true }) response: { header: Header }) {
    response.header('x-debug', String(request.headers.cookie));
  }

  @Get('echo') echo(@Query('text') text: string) {
    return text;
  }
}

type Header = (name: string, value: string) => void;

export interface Leaky {
  readonly app: TestApp;
  readonly browser: HttpClient;
  /** The cookie's value. */
  readonly cookie: string;
  /** The secret half of the token. */
  readonly secret: Buffer;
  readonly registration: Registration;
}

export async function start({ db }: TestDatabase, sessions: SessionOptions = {}): Promise<Leaky> {
  const options = { collection: 'sessions', db, ...sessions };
  const app = await startApp({ platform: 'express', controllers: [LeakingController], sessions: options });
  const browser = app.client();
  await browser.get('/begin');
  const cookie = browser.jar.get('id')!;
  const secret = Buffer.from(cookie, 'base64url').subarray(12, 44);
  const registration = registrationOf(app.nest.get(MongoSessions));
  return { app, browser, cookie, secret, registration };
}
