import type { SessionObject, UserSession } from 'nestjs-mongo-sessions';
import { type DeviceKind, describeDay, describeDevice, describeLastUse } from './device-name.js';
import { type Html, html } from './html.js';
import { csrfField, layout } from './layout.js';
import type { User } from './users.js';

interface DevicesInput {
  readonly session: SessionObject;
  readonly user: User;
  readonly devices: readonly UserSession[];
  readonly notice: string | undefined;
}

export function devicesPage({ session, user, devices, notice }: DevicesInput): string {
  // This device first, then those that were used last.
  const sorted = [...devices.filter((each) => each.isCurrent), ...devices.filter((each) => !each.isCurrent)];
  return layout({
    title: 'Your devices',
    notice,
    isLive: true,
    body: html`<p>Signed in as <strong>${user.name}</strong>.</p>
      <ul id="devices">
        ${sorted.map((device) => row(session, device))}
      </ul>
      <p><a href="/devices/sign-out-others">Sign out all other devices</a></p>
      <form method="post" action="/logout">${csrfField(session)}<button>Sign out</button></form>`,
  });
}

const ICONS: Record<DeviceKind, string> = { desktop: '🖥️', mobile: '📱', tablet: '📱' };

function row(session: SessionObject, device: UserSession): Html {
  const { handle, isCurrent, label, lastSeenAt, authenticatedAt, ip } = device;
  const { name, kind } = describeDevice(device);
  const own = isCurrent ? html` <span class="badge">This device</span>` : undefined;
  return html`<li ${isCurrent ? html`aria-current="true"` : undefined}>
    <span class="icon" aria-hidden="true">${ICONS[kind]}</span>
    <div>
      <strong>${name}</strong>${own}
      <p class="quiet">
        ${describeLastUse(lastSeenAt, Date.now())} · Signed in ${describeDay(authenticatedAt)} · ${ip ?? 'no address'}
      </p>
      <form method="post" action="/devices/name">
        ${csrfField(session)}<input type="hidden" name="handle" value="${handle}" />
        <label for="name-${handle}">Name</label>
        <input id="name-${handle}" name="name" value="${label}" maxlength="100" autocomplete="off" />
        <button id="rename-${handle}">Rename</button>
      </form>
    </div>
    <form method="post" action="/devices/sign-out">
      ${csrfField(session)}<input type="hidden" name="handle" value="${handle}" />
      <button id="sign-out-${handle}" aria-label="Sign out ${isCurrent ? 'this device' : name}">Sign out</button>
    </form>
  </li>`;
}

/** Asks once more, and says how many it is about. */
export function confirmOthersPage(session: SessionObject, others: number): string {
  const devices = others === 1 ? '1 other device' : `${others} other devices`;
  return layout({
    title: 'Sign out all other devices',
    body:
      others === 0
        ? html`<p>You are signed in on this device only.</p>
            <p><a href="/">Back</a></p>`
        : html`<p>This signs out ${devices}.</p>
            <form method="post" action="/devices/sign-out-others">
              ${csrfField(session)}<button>Sign out ${devices}</button>
            </form>
            <p><a href="/">Cancel</a></p>`,
  });
}
