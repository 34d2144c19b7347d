import { describe, expect, test } from 'vitest';
import { PLATFORMS, testDatabase } from '../../support/http.js';
import { type Handle, MINUTE, startWorld } from '../../support/world.js';

const { db } = testDatabase();

const begin: Handle = async ({ session }) => {
  await session.save({ evenIfEmpty: true });
  return { id: session.id };
};
const look: Handle = ({ session }) => ({ id: session.id, isNew: session.isNew, keys: Object.keys(session) });

describe.each(PLATFORMS)('B13: session.save({ evenIfEmpty: true }) on %s', (platform) => {
  const start = async () => {
    const collection = db.collection(`sessions_${platform}_${(count += 1)}`);
    const world = await startWorld(platform, { collection: collection.collectionName, db });
    return { world, client: world.client(), documents: () => collection.find().toArray() };
  };
  let count = 0;

  test('stores the session of a first visitor, whose id stays', async () => {
    const { world, client, documents } = await start();
    const { body, cookies } = await world.visit(client, begin);
    expect(cookies).toEqual([expect.stringMatching(/^id=/)]);
    expect(await documents()).toEqual([expect.objectContaining({ data: {}, epoch: 0 })]);
    const { id } = JSON.parse(body) as { id: string };
    expect(await world.ask(client, look)).toEqual({ id, isNew: false, keys: [] });
    expect(await world.ask(client, begin)).toEqual({ id });
    expect(await documents()).toHaveLength(1);
    expect(world.eventTypes()).toEqual(['created']);
  });

  test('is the only way: save() of a first visitor stores nothing', async () => {
    const { world, client, documents } = await start();
    for (const handle of [look, ({ session }) => session.save(), ({ session }) => session.save({})] as Handle[])
      expect((await world.visit(client, handle)).cookies).toEqual([]);
    expect(await documents()).toEqual([]);
  });

  test('takes a callback', async () => {
    const { world, client, documents } = await start();
    await world.visit(client, ({ session }) => {
      return new Promise<void>((resolve) => session.save({ evenIfEmpty: true }, () => resolve()));
    });
    expect(await documents()).toHaveLength(1);
  });

  test.each<[string, Handle]>([
    ['looks at it', look],
    ['saves', ({ session }) => session.save()],
    ['touches it', ({ session }) => session.touch()],
    ['reloads it', ({ session }) => session.reload()],
    ['takes what is not there', async ({ session }) => void (await session.take('message'))],
    ['renames it', ({ session }) => session.regenerate({ keep: true })],
    ['sets and deletes a key', ({ session }) => void ((session['a'] = 1), delete session['a'])],
    [
      'fills and empties it',
      async ({ session }) => {
        session['a'] = 1;
        await session.save();
        delete session['a'];
      },
    ],
  ])('is not undone by a request that %s', async (_, handle) => {
    const { world, client, documents } = await start();
    await world.visit(client, begin);
    await world.visit(client, handle);
    world.clock.advance(5 * MINUTE);
    await world.visit(client, handle);
    expect(await world.ask(client, look)).toMatchObject({ isNew: false });
    expect(await documents()).toHaveLength(1);
  });

  test('ends as any session: by logout, and when it is not used', async () => {
    const { world, client, documents } = await start();
    await world.visit(client, begin);
    const { cookies } = await world.visit(client, ({ session }) => session.logout());
    expect(cookies).toEqual([expect.stringMatching(/Max-Age=0/)]);
    expect(await documents()).toEqual([]);
    await world.visit(client, begin);
    world.clock.advance(30 * MINUTE);
    expect(await world.isAlive(client)).toBe(false);
  });

  test.each<[string, Handle]>([
    ['regenerate() that keeps nothing', ({ session }) => session.regenerate()],
    ['a later request that fills it, and one that empties it', ({ session }) => void (session['a'] = 1)],
  ])('does not last beyond %s', async (_, handle) => {
    const { world, client, documents } = await start();
    await world.visit(client, begin);
    await world.visit(client, handle);
    await world.visit(client, ({ session }) => void delete session['a']);
    expect(await documents()).toEqual([]);
    expect([...client.jar]).toEqual([]);
  });

  test('keeps a session that has been emptied', async () => {
    const { world, client, documents } = await start();
    await world.visit(client, ({ session }) => void (session['a'] = 1));
    await world.visit(client, async ({ session }) => {
      delete session['a'];
      await session.save({ evenIfEmpty: true });
    });
    expect(await documents()).toEqual([expect.objectContaining({ data: {} })]);
    expect(await world.ask(client, look)).toMatchObject({ isNew: false });
  });

  test('is for what is empty: data and a login are stored as ever', async () => {
    const { world, client, documents } = await start();
    await world.visit(client, async ({ session }) => {
      session['a'] = 1;
      await session.save({ evenIfEmpty: true });
      await session.login('ada');
      await session.save({ evenIfEmpty: true });
    });
    expect(await documents()).toEqual([expect.objectContaining({ data: {}, userId: 'ada' })]);
    // The user goes, and with them the session.
    await world.visit(client, ({ session }) => session.regenerate());
    expect(await documents()).toEqual([]);
  });

  test('belongs before the first byte', async () => {
    const { world, client, documents } = await start();
    const path = world.route(async ({ session, response }) => {
      const raw = (response as { raw?: NodeJS.WritableStream }).raw ?? (response as unknown as NodeJS.WritableStream);
      raw.write('a');
      await session.save({ evenIfEmpty: true }).then(
        () => raw.end('saved'),
        (error: { message: string }) => raw.end(error.message),
      );
    }, 'raw');
    expect((await client.get(path)).body).not.toContain('saved');
    expect(await documents()).toEqual([]);
  });
});
