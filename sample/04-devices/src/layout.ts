import type { SessionObject } from 'nestjs-mongo-sessions';
import { csrfToken } from './csrf.guard.js';
import { type Html, html } from './html.js';

interface LayoutInput {
  readonly title: string;
  readonly body: Html;
  readonly notice?: string | undefined;
  /** Whether the page hears of changes by itself, where there is JavaScript. */
  readonly isLive?: boolean;
}

export function layout({ title, body, notice, isLive = false }: LayoutInput): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/public/style.css" />
        ${isLive ? html`<script src="/public/live.js" type="module"></script>` : undefined}
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${notice === undefined ? undefined : html`<p role="status">${notice}</p>`} ${body}
        </main>
      </body>
    </html>`.text;
}

export function csrfField(session: SessionObject): Html {
  return html`<input type="hidden" name="csrf" value="${csrfToken(session)}" />`;
}
