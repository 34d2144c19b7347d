import { readFile } from 'node:fs/promises';
import { Controller, Get, Header, Query } from '@nestjs/common';
import mongoose, { type Model } from 'mongoose';
import { InjectSessionModel, Session, type SessionObject, type SessionDocument } from 'nestjs-mongo-sessions';
import { renderPage } from './page.js';
import { findUser } from './users.js';

const { EJSON } = mongoose.mongo.BSON;
const STYLE = await readFile(new URL('../public/style.css', import.meta.url), 'utf8');

/** No script, nothing from elsewhere, no frame around it. */
const CONTENT_POLICY =
  "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** What the page's forms have led to, as their redirects say it. */
interface Notices {
  login?: unknown;
  password?: unknown;
}

const NOTICES: Readonly<Record<string, string>> = {
  'login failed': 'That is no name and password of ours.',
  'login again': 'Log in again, then change your password.',
  'password changed': 'Your password is changed. Your sessions in other browsers have ended.',
  'password refused': 'A password has 8 to 256 characters.',
};

function noticeOf(name: string): string | undefined {
  return Object.hasOwn(NOTICES, name) ? NOTICES[name] : undefined;
}

@Controller()
export class PageController {
  constructor(@InjectSessionModel() private readonly sessions: Model<SessionDocument>) {}

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Content-Security-Policy', CONTENT_POLICY)
  // Nothing of it is kept: after a logout, the browser's back button shows no page of before.
  @Header('Cache-Control', 'no-store')
  async show(@Session() session: SessionObject, @Query() { login, password }: Notices): Promise<string> {
    return renderPage({
      session,
      stored: await this.readDocument(session),
      user: findUser(session.userId),
      notice: noticeOf(`login ${String(login)}`) ?? noticeOf(`password ${String(password)}`),
    });
  }

  @Get('style.css')
  @Header('Content-Type', 'text/css; charset=utf-8')
  @Header('Cache-Control', 'no-cache')
  style(): string {
    return STYLE;
  }

  /** For show: the session as MongoDB holds it. The model leaves hashes of secrets out unless a query asks. */
  private async readDocument(session: SessionObject): Promise<string | undefined> {
    if (session.isNew) return undefined;
    const document = await this.sessions.findById(session.handle).lean();
    return document ? EJSON.stringify(document, undefined, 2, { relaxed: true }) : undefined;
  }
}
