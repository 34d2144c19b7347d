// The gate by itself, on Node's own server: what it lets through, what it holds, and what it looks like meanwhile.
import type { ServerResponse } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { CLEAN, PendingWrite, RESPONSES, promisesOf, serveWith } from './raw-server.js';

describe.each(RESPONSES)('a response %s', (kind) => {
  const serve = serveWith(kind);

  describe('with nothing to write', () => {
    it('lets everything through at once, without a promise', async () => {
      let promises = -1;
      const { client } = await serve([CLEAN], (response) => {
        promises = promisesOf(() => {
          response.writeHead(201, { 'x-own': 'header' });
          response.write('one, ');
          response.end('two');
        });
        expect(response.writableEnded).toBe(true);
      });
      expect(await client.get('/')).toMatchObject({ status: 201, body: 'one, two', headers: { 'x-own': 'header' } });
      expect(promises).toBe(0);
      expect(promisesOf(() => void Promise.resolve())).toBe(1);
    });

    it("leaves Node's own errors as they are", async () => {
      const { client } = await serve([CLEAN], (response) => {
        expect(() => response.writeHead(200, { 'not a name': 'x' })).toThrow(/Header name/);
        response.end('still open');
        expect(() => response.writeHead(200)).toThrow(expect.objectContaining({ code: 'ERR_HTTP_HEADERS_SENT' }));
      });
      expect((await client.get('/')).body).toBe('still open');
    });
  });

  describe('while a write is under way', () => {
    it('holds everything, in its order', async () => {
      const write = new PendingWrite();
      const calls: string[] = [];
      const { client } = await serve([write], (response, gate) => {
        response.writeHead(201, 'Made');
        expect(response.write('one, ', () => calls.push('one'))).toBe(false);
        response.write(Buffer.from('two, '), () => calls.push('two'));
        response.end('three', () => calls.push('end'));
        expect(gate.headersSent).toBe(false);
        setImmediate(() => write.finish());
      });
      expect(await client.get('/')).toMatchObject({ status: 201, body: 'one, two, three' });
      await vi.waitFor(() => expect(calls).toEqual(['one', 'two', 'end']));
    });

    it('looks answered, so that nobody answers again', async () => {
      const write = new PendingWrite();
      const { client } = await serve([write], (response) => {
        response.end('the first');
        expect([response.headersSent, response.writableEnded]).toEqual([true, true]);
        const sent = expect.objectContaining({ code: 'ERR_HTTP_HEADERS_SENT' }) as Error;
        expect(() => response.setHeader('x', '1')).toThrow(sent);
        expect(() => response.appendHeader('x', '1')).toThrow(sent);
        expect(() => response.removeHeader('x')).toThrow(sent);
        expect(() => response.writeHead(500)).toThrow(sent);
        expect(response.write('never')).toBe(false);
        response.end('never');
        write.finish();
      });
      expect(await client.get('/')).toMatchObject({ status: 200, body: 'the first' });
    });

    it('tells a waiting writer once that it goes on', async () => {
      const write = new PendingWrite();
      const drained = vi.fn();
      const { client } = await serve([write], (response) => {
        response.once('drain', () => {
          drained();
          response.end('after');
        });
        response.write('before, ');
        write.finish();
      });
      expect((await client.get('/')).body).toBe('before, after');
      expect(drained).toHaveBeenCalledOnce();
    });

    it('lets interim answers pass', async () => {
      const write = new PendingWrite();
      const { client } = await serve([write], (response) => {
        response.end('the answer');
        response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      });
      const request = client.start('/');
      const hints = new Promise((resolve) => request.once('information', resolve));
      expect(await hints).toMatchObject({ statusCode: 103 });
      const response = new Promise((resolve) => request.once('response', resolve));
      write.finish();
      expect(await response).toMatchObject({ statusCode: 200 });
    });
  });

  describe('while a platform waits to send', () => {
    it('there is one answer, and it is not changed any more', async () => {
      const write = new PendingWrite();
      const told = vi.fn();
      const second = vi.fn();
      const { client } = await serve([write], (response, gate) => {
        response.statusCode = 201;
        const [hold, fail] = [vi.fn(), vi.fn()];
        gate.commitThen({ hold, send: () => response.end('the first'), fail });
        gate.commitThen({ hold, send: second, fail });
        response.statusCode = 500;
        expect(response.headersSent).toBe(true);
        // Whoever waits for the end goes on waiting.
        expect(response.writableEnded).toBe(false);
        expect(() => response.writeHead(500)).toThrow('after they are sent');
        expect(response.write('never', told)).toBe(false);
        response.end('never');
        write.finish();
      });
      expect(await client.get('/')).toMatchObject({ status: 201, body: 'the first' });
      expect(told).toHaveBeenCalledWith(expect.objectContaining({ code: 'ERR_STREAM_WRITE_AFTER_END' }));
      expect(second).not.toHaveBeenCalled();
    });
  });

  describe('headers of sessions', () => {
    const forms: [string, string[], (response: ServerResponse) => void][] = [
      ['none', ['set=1', 'session=1'], (response) => response.writeHead(200)],
      ['a reason', ['set=1', 'session=1'], (response) => response.writeHead(200, 'Fine')],
      ['an object', ['own=1', 'session=1'], (response) => response.writeHead(200, { 'SET-Cookie': 'own=1' })],
      ['an object beside', ['set=1', 'session=1'], (response) => response.writeHead(200, { 'x-own': 'header' })],
      [
        'a reason, an object',
        ['own=1', 'session=1'],
        (response) => response.writeHead(200, 'Fine', { 'set-cookie': ['own=1'] }),
      ],
      [
        'a flat list',
        ['a=1', 'b=1', 'session=1'],
        (response) => response.writeHead(200, ['Set-Cookie', 'a=1', 'set-cookie', 'b=1']),
      ],
      [
        'pairs',
        ['a=1', 'b=1', 'session=1'],
        (response) => response.writeHead(200, [['set-cookie', ['a=1', 'b=1']]] as never),
      ],
    ];

    it.each(forms)('beside those given to writeHead: %s', async (_form, cookies, writeHead) => {
      const { client } = await serve([CLEAN], (response, gate) => {
        response.setHeader('Set-Cookie', 'set=1');
        response.setHeader('Vary', 'Origin');
        gate.headers.setCookie(gate, 'session=0');
        gate.headers.setCookie(gate, 'session=1');
        gate.headers.append('vary', 'Cookie');
        gate.headers.append('vary', 'Cookie', 'origin');
        writeHead(response);
        response.end();
      });
      const reply = await client.get('/');
      expect(reply.cookies).toEqual(cookies);
      expect(reply.headers.vary).toBe('Origin, Cookie');
    });
  });
});
