import { Controller, Get, Header, Query } from '@nestjs/common';
import { Session, type SessionObject } from 'nestjs-mongo-sessions';
import { type Html, html } from './html.js';
import { type User, UsersService } from './users.service.js';

const NOTICES: Readonly<Record<string, string>> = {
  failed: 'That is no name and password of ours.',
  again: 'Log in again for that.',
  asked: 'We have noted that you want to leave. This is a sample: nothing is deleted.',
};

@Controller()
export class PageController {
  constructor(private readonly users: UsersService) {}

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Content-Security-Policy', "default-src 'none'; img-src data:; form-action 'self'; frame-ancestors 'none'")
  @Header('Cache-Control', 'no-store')
  show(@Session() session: SessionObject, @Query('notice') notice: unknown): string {
    const user = this.users.find(session.userId);
    const text = Object.hasOwn(NOTICES, String(notice)) ? NOTICES[String(notice)] : undefined;
    return html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>passport-local</title>
          <link rel="icon" href="data:," />
        </head>
        <body>
          <h1>passport-local</h1>
          ${text === undefined ? undefined : html`<p role="alert">${text}</p>`} ${user ? account(user) : loginForm()}
        </body>
      </html>`.text;
  }
}

function loginForm(): Html {
  return html`<form method="post" action="/login">
    <p>
      <label for="username">Name</label>
      <input id="username" name="username" autocomplete="username" autocapitalize="none" required />
    </p>
    <p>
      <label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="current-password" required />
    </p>
    <button>Log in</button>
  </form>`;
}

function account({ name }: User): Html {
  return html`<p>Hello, <strong id="user">${name}</strong>.</p>
    <form method="post" action="/delete"><button>Delete my account</button></form>
    <form method="post" action="/logout"><button>Log out</button></form>`;
}
