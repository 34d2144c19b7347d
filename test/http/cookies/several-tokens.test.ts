// Several well-formed tokens in one Cookie header: one look at the store for all of them.
import mongoose from 'mongoose';
import { describe, expect, test } from 'vitest';
import { startWorld, tokenIn } from '../security/support/world.js';
import { PLATFORMS, testDatabase } from '../../support/http.js';

const database = testDatabase({ monitorCommands: true });

describe.each(PLATFORMS)('A25: eight tokens on %s', (platform) => {
  async function start() {
    const world = await startWorld(platform, { db: database.db, collection: `sessions_${platform}` });
    const login = async (name: string) => {
      const client = world.client();
      return tokenIn(await world.visit(client, ({ session }) => void (session['name'] = name)))!;
    };
    return { world, login };
  }

  async function finds<T>(during: () => Promise<T>): Promise<{ result: T; commands: mongoose.mongo.Document[] }> {
    const commands: mongoose.mongo.Document[] = [];
    const listen = ({ commandName, command }: mongoose.mongo.CommandStartedEvent) => {
      if (commandName === 'find') commands.push(command);
    };
    database.client.on('commandStarted', listen);
    const result = await during();
    database.client.off('commandStarted', listen);
    return { result, commands };
  }

  test('are read by one command, and the first that opens a session counts', async () => {
    const { world, login } = await start();
    const [dead, first, second] = [await login('dead'), await login('first'), await login('second')];
    const handle = Buffer.from(dead, 'base64url').toString('hex', 0, 12);
    await database.db.collection(`sessions_${platform}`).deleteOne({ _id: new mongoose.mongo.ObjectId(handle) });
    const cookie = [dead, dead, first, second, first, second, dead, second].map((token) => `id=${token}`).join('; ');

    const { result, commands } = await finds(() =>
      world.visit(world.client(), ({ session }) => session['name'], { headers: { cookie } }),
    );

    expect(result.body).toBe('first');
    expect(commands).toHaveLength(1);
    const { filter } = commands[0] as { filter: { _id: { $in: unknown[] } } };
    expect(filter._id.$in).toHaveLength(3);
    expect(world.eventTypes().filter((type) => type.startsWith('rejected'))).toEqual(
      [dead, dead].map(() => 'rejected: unknown'),
    );
  });
});
