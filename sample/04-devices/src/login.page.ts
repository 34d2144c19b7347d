import type { SessionObject, UserSession } from 'nestjs-mongo-sessions';
import { describeDevice, describeLastUse } from './device-name.js';
import { type Html, html } from './html.js';
import { csrfField, layout } from './layout.js';

export function loginPage(session: SessionObject, notice: string | undefined): string {
  return layout({
    title: 'Sign in',
    notice,
    body: html`<form method="post" action="/login">
      ${csrfField(session)}
      <p>
        <label for="username">Name</label>
        <input id="username" name="username" autocomplete="username" autocapitalize="none" required autofocus />
      </p>
      ${passwordField(false)}
      <button>Sign in</button>
    </form>`,
  });
}

export function confirmPage(session: SessionObject, notice: string | undefined): string {
  return layout({
    title: 'Confirm that it is you',
    notice,
    body: html`<p>You signed in some time ago. Enter your password once more, and what you asked for is done.</p>
      <form method="post" action="/confirm">${csrfField(session)} ${passwordField(true)}<button>Confirm</button></form>
      <p><a href="/">Cancel</a></p>`,
  });
}

export function chooserPage(session: SessionObject, devices: readonly UserSession[]): string {
  return layout({
    title: 'Choose a device to sign out',
    body: html`<p>You are signed in on ${devices.length} devices, choose one to sign out.</p>
      <form method="post" action="/choose">
        ${csrfField(session)}
        <fieldset>
          <legend>Your devices</legend>
          ${devices.map(choice)}
        </fieldset>
        <button>Sign out and continue</button>
      </form>
      <form method="post" action="/logout">${csrfField(session)}<button>Cancel</button></form>`,
  });
}

function choice(device: UserSession): Html {
  return html`<p>
    <input type="radio" id="device-${device.handle}" name="handle" value="${device.handle}" required />
    <label for="device-${device.handle}">
      ${describeDevice(device).name}, ${describeLastUse(device.lastSeenAt, Date.now())}
    </label>
  </p>`;
}

function passwordField(isFirst: boolean): Html {
  return html`<p>
    <label for="password">Password</label>
    <input
      id="password"
      name="password"
      type="password"
      autocomplete="current-password"
      required
      ${isFirst ? html`autofocus` : undefined}
    />
  </p>`;
}
