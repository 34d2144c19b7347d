// Operations that nobody waits for, in a process that an unhandled rejection would end.
import { describe, expect, test } from 'vitest';
import { HttpClient, PLATFORMS, testDatabase } from '../../support/http.js';
import { appInProcess } from '../../support/transpiled-app.js';

const database = testDatabase();

interface Outcome {
  readonly heard?: string;
  readonly told: readonly string[];
}

describe.each(PLATFORMS)('A4: an operation on %s', (platform) => {
  const app = appInProcess('test/http/failures/app/unawaited.main.ts', () => ({
    MONGO_URI: database.uri,
    PLATFORM: platform,
  }));

  async function run(how: 'awaited' | 'unawaited', [reason, name]: readonly [string, string]): Promise<Outcome> {
    const client = new HttpClient(app().origin);
    try {
      await client.get('/fill');
      const path = ['', 'run', reason, name, how].map(encodeURIComponent).join('/');
      await client.get(path);
      return JSON.parse((await client.get('/outcome')).body) as Outcome;
    } finally {
      client.close();
    }
  }

  async function operations(): Promise<[string, string][]> {
    const client = new HttpClient(app().origin);
    const { body } = await client.get('/names');
    client.close();
    return JSON.parse(body) as [string, string][];
  }

  test('that fails unawaited has one line in the log, and does not end the process', async () => {
    const outcomes: Record<string, unknown> = {};
    const all = await operations();
    for (const operation of all) {
      const { told } = await run('unawaited', operation).catch((error: unknown) => ({ told: [String(error)] }));
      outcomes[operation.join(': ')] = { lines: told.length, of: told.filter((line) => !/session/i.test(line)) };
      expect([operation, app().end]).toEqual([operation, undefined]);
    }
    expect(all.length).toBeGreaterThan(40);
    expect(outcomes).toEqual(Object.fromEntries(all.map((each) => [each.join(': '), { lines: 1, of: [] }])));
  });

  test('that fails for the client to hear, and is awaited, has none', async () => {
    const all = (await operations()).filter(([reason]) => reason !== 'MongoDB away');
    for (const operation of all) {
      const { heard, told } = await run('awaited', operation);
      expect([operation, heard, told]).toEqual([operation, expect.stringMatching(/Error|Exception/), []]);
    }
  });
});
