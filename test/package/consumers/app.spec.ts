// The app within vitest, whose own compiler emits the metadata that the pipe goes by.
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { expect, test } from 'vitest';
import { AppModule } from './app.js';

test('the session passes the ValidationPipe as it is', async () => {
  const app = await NestFactory.create(AppModule, new ExpressAdapter(), { logger: false });
  await app.listen(0, '127.0.0.1');
  try {
    const url = `${await app.getUrl()}/cart`;
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ name: 'tea', quantity: 2, price: 0 });
    const added = await fetch(url, { method: 'POST', headers, body });
    expect(await added.json()).toEqual({ isItem: true, isNew: false });
    const cookie = added.headers.getSetCookie()[0].split(';')[0];
    expect(await (await fetch(url, { headers: { cookie } })).json()).toEqual([{ name: 'tea', quantity: 2 }]);
    const promoted = await fetch(`${url}/promote`, { method: 'POST', headers: { cookie } });
    expect(await promoted.json()).toEqual({});
    await fetch(url.replace('/cart', '/visits'), { method: 'DELETE', headers: { cookie } });
  } finally {
    await app.close();
  }
});
