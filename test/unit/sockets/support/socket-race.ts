// A socket without a network, a browser, and another process, which meet in one session.
import { EventEmitter } from 'node:events';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect } from 'vitest';
import { UserDirectory, orderOf } from '../../../../lib/core/users/user-directory.js';
import { connectionOf } from '../../../../lib/sockets/socket-connection.js';
import { SocketSessions } from '../../../../lib/sockets/socket-sessions.js';
import { addPorts } from '../../../support/core/observed-store.js';
import { anotherProcess } from '../../../support/core/processes.js';
import { type AnySession, type Browser, MINUTE, World } from '../../../support/core/world.js';

/** A socket of ws as a server has it, without a network. */
class ServerSocket extends EventEmitter {
  readyState = 1;
  readonly protocol = '';
  readonly closedWith: number[] = [];

  close(code: number): void {
    this.closedWith.push(code);
    this.readyState = 3;
    this.emit('close');
  }

  terminate(): void {}
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

export async function turns(): Promise<void> {
  for (let count = 0; count < 10; count += 1) await turn();
}

export class SocketRace {
  readonly world = new World({ renewAfter: '1m' }, addPorts);
  readonly elsewhere = anotherProcess(this.world, { renewAfter: '1m' }, addPorts);
  readonly sessions = new SocketSessions(this.world.registration, (request) => ({
    headers: request.headers,
    secure: true,
    remoteAddress: undefined,
    host: 'shop.test',
  }));
  browser!: Browser;

  static async of(data: object): Promise<SocketRace> {
    const race = new SocketRace();
    race.browser = await race.world.browserWith(data);
    return race;
  }

  connect() {
    const socket = new ServerSocket();
    const request = new IncomingMessage(new Socket());
    request.headers['cookie'] = this.browser.cookie;
    const connection = connectionOf(socket)!;
    const message = async (): Promise<AnySession> => {
      const access = this.sessions.of(connection, () => request, { convert: (error) => error });
      await access.load();
      return access.session as AnySession;
    };
    return { socket, message };
  }

  /** What another process does with the session, with the cookie of now. */
  byOther(act: (session: AnySession) => unknown): Promise<unknown> {
    return this.elsewhere.browser(this.browser.cookie).visit(act);
  }

  /** An admin ends the session, in another process. */
  revoke(): Promise<boolean> {
    const directory = new UserDirectory(this.elsewhere.registration.context);
    return directory.revoke(this.browser.handle, {}, orderOf('app', {}));
  }

  /** The token is renewed in another process, which takes two requests, and the old one's grace passes. */
  async renew(): Promise<void> {
    const browser = this.elsewhere.browser(this.browser.cookie);
    this.world.clock.advance(2 * MINUTE);
    for (let request = 0; request < 3; request += 1) await browser.visit((session) => session.isNew);
    expect(browser.cookie).not.toBe(this.browser.cookie);
    this.world.clock.advance(5 * MINUTE);
  }

  data(): Promise<unknown> {
    return this.world.stored(this.browser.handle);
  }
}
