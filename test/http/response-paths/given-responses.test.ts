// A response that was given leaves as it was given, whatever comes while it waits for its session.
import { describe, expect, it } from 'vitest';
import { PLATFORMS } from '../../support/http.js';
import { AFTERWARDS, BODIES, FILTERS, GIVE, SET, appOn } from './giving.controllers.js';

describe.each(PLATFORMS)('B5: an error after the response, %s', (platform) => {
  const app = appOn(platform);
  const cases = FILTERS.flatMap((filter) =>
    Object.keys(GIVE).flatMap((give) => Object.keys(AFTERWARDS).map((next) => [filter, give, next] as const)),
  );

  it.each(cases)('%s filter, %s, then %s: leaves as it was given', async (filter, give, next) => {
    for (const moment of ['login', 'later']) {
      const browser = app().client();
      app().log.lines.length = 0;
      const reply = await browser.get(`/${filter}/${moment}?${new URLSearchParams({ give, next })}`);
      expect(reply).toMatchObject({ status: 201, cutOff: false, headers: { 'x-own': 'given' } });
      expect(reply.body).toBe(BODIES[give] ?? 'given');
      const who = JSON.parse((await browser.get('/plain/who')).body) as object;
      expect(who).toEqual({ count: 1, ...(moment === 'login' && { userId: 'the user' }) });
    }
  });

  it('is logged', async () => {
    app().log.lines.length = 0;
    await app().client().get('/plain/login?give=text&next=error');
    expect(app().log.lines).toContainEqual(expect.stringContaining('Error: after the response'));
    app().log.lines.length = 0;
    await app().client().get('/broken/login?give=text&next=error');
    if (platform === 'express') expect(app().log.lines).toContainEqual(expect.stringContaining('a broken filter'));
  });
});

describe.each(PLATFORMS)('B6: what is set after the response, %s', (platform) => {
  const app = appOn(platform);
  const cases = Object.keys(GIVE).flatMap((give) => Object.keys(SET).map((next) => [give, next] as const));

  it.each(cases)('%s, then %s: changes nothing', async (give, next) => {
    const before = await app()
      .client()
      .get(`/plain/set?${new URLSearchParams({ give, next: 'nothing' })}`);
    const reply = await app()
      .client()
      .get(`/plain/set?${new URLSearchParams({ give, next })}`);
    const of = ({ status, headers, body }: typeof reply) => ({
      ...{ status, body },
      headers: { ...headers, date: headers.date && 'a date', 'set-cookie': headers['set-cookie']?.length },
    });
    expect(of(reply)).toEqual(of(before));
    expect(reply).toMatchObject({ status: 201, body: BODIES[give] ?? 'given', headers: { 'x-own': 'given' } });
  });

  it('headers that were given to writeHead are those of that moment', async () => {
    const { headers } = await app().client().get('/plain/headers-reused');
    expect(headers).toMatchObject({ 'x-own': 'given', 'x-list': 'one' });
  });
});
