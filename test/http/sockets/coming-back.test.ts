// A client whose session got another token comes back by itself: its owner with the new session, a thief with nothing.
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { describe, expect, test } from 'vitest';
import { PLATFORMS } from '../../support/app.js';
import { startSockets } from '../../support/sockets.js';
import { RoomGateway, type RoomSocket, page } from './support/rooms.js';

/** A namespace that never asks for a session. */
@WebSocketGateway({ namespace: 'quiet' })
class QuietGateway {
  @SubscribeMessage('enter')
  enter(@ConnectedSocket() client: RoomSocket) {
    client.join('secret');
    client.nsp.emit('all', 'zero');
    return { event: 'entered', data: null };
  }

  @SubscribeMessage('tell')
  tell(@ConnectedSocket() client: RoomSocket, @MessageBody() text: string) {
    client.nsp.to('secret').emit('secret', text);
    client.nsp.emit('all', text);
  }
}

describe.each(PLATFORMS)('socket.io on %s', (platform) => {
  async function entered() {
    const world = await startSockets(platform, 'socket.io', { gateways: [RoomGateway, QuietGateway] });
    const browser = await world.http.browserOf('ada');
    const thief = browser.clone();
    const owners = page(world, browser);
    const thiefs = page(world, thief);
    for (const each of [owners, thiefs]) expect(await each.ask('enter', 'entered')).toBe('ada');
    // Only what was heard before can be recovered from.
    await Promise.all([thiefs.next('all'), owners.ask('tell', 'all', 'one')]);
    return { world, browser, owners, thiefs };
  }

  test('is back with the new session after a login, and with the old cookie has none and hears nothing', async () => {
    const { world, browser, owners, thiefs } = await entered();
    expect(thiefs.heard).toContain('secret one');
    const back = [owners.next('connect'), thiefs.next('connect')];
    await world.http.visit(browser, ({ session }) => session.login('ada'));
    await Promise.all(back);
    expect(await owners.ask('who', 'who')).toMatchObject({ user: 'ada' });
    expect(await thiefs.ask('who', 'who')).toMatchObject({ user: null, recovered: true });
    await owners.ask('enter', 'entered');
    const told = thiefs.next('all');
    await owners.ask('tell', 'secret', 'two');
    await told;
    expect(owners.heard).toContain('secret two');
    expect(thiefs.heard).not.toContain('secret two');
  });

  test('hears nothing of its old rooms in a namespace that has never asked for the session', async () => {
    const { world, browser, owners, thiefs } = await entered();
    const quiet = { owner: owners.quiet(), thief: thiefs.quiet() };
    await Promise.all([quiet.owner.next('connect'), quiet.thief.next('connect')]);
    const joined = quiet.thief.next('all');
    await quiet.thief.ask('enter', 'entered');
    await joined;
    const back = [quiet.owner.next('connect'), quiet.thief.next('connect')];
    await world.http.visit(browser, ({ session }) => session.login('ada'));
    await Promise.all(back);
    expect(quiet.thief.socket.recovered).toBe(true);
    await quiet.owner.ask('enter', 'entered');
    const told = quiet.thief.next('all');
    await quiet.owner.ask('tell', 'secret', 'two');
    await told;
    expect(quiet.owner.heard).toContain('secret two');
    expect(quiet.thief.heard).not.toContain('secret two');
  });

  test('does not come back after a logout', async () => {
    const { world, browser, owners } = await entered();
    const gone = owners.next('disconnect');
    await world.http.visit(browser, ({ session }) => session.logout());
    expect(await gone).toBe('io server disconnect');
    expect(owners.socket.active).toBe(false);
  });
});
