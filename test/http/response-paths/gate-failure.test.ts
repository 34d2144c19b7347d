// What the gate does when a session can't be saved.
import type { ServerResponse } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { sendFailureResponse } from '../../../lib/http/response/failure-response.js';
import { PendingWrite, RESPONSES, serveWith } from './raw-server.js';

describe.each(RESPONSES)('a response %s', (kind) => {
  const serve = serveWith(kind);

  describe('when the write fails', () => {
    it('answers instead, with nothing of the answer that was held', async () => {
      const write = new PendingWrite();
      const { client, onFailure } = await serve([write], (response) => {
        response.setHeader('Set-Cookie', 'set=1');
        response.setHeader('Access-Control-Allow-Origin', '*');
        response.writeHead(302, 'Elsewhere', { Location: '/elsewhere', 'Cache-Control': 'public, max-age=60' });
        response.end('gone');
        write.fail();
      });
      const reply = await client.get('/');
      expect(reply).toMatchObject({
        status: 500,
        cookies: [],
        body: '{"statusCode":500,"message":"Internal Server Error"}',
      });
      expect(reply.headers).toMatchObject({ 'access-control-allow-origin': '*' });
      for (const name of ['location', 'cache-control']) expect(reply.headers).not.toHaveProperty(name);
      expect(onFailure).toHaveBeenCalledOnce();
    });

    it('lets what the handler still writes end in nothing', async () => {
      const write = new PendingWrite();
      const [told, broken] = [vi.fn(), vi.fn()];
      const stillWriting = vi.fn((response: ServerResponse, error: unknown) => {
        sendFailureResponse(response, error);
        expect(response.write('too late', told)).toBe(false);
        response.end('too late');
      });
      const { client } = await serve(
        [write],
        (response) => {
          // Without a listener this would be the end of the process.
          response.on('error', broken);
          response.write('held');
          write.fail();
        },
        stillWriting,
      );
      expect(await client.get('/')).toMatchObject({ status: 500, cutOff: false });
      await vi.waitFor(() =>
        expect(told).toHaveBeenCalledWith(expect.objectContaining({ message: 'write after end' })),
      );
      expect(broken).not.toHaveBeenCalled();
    });

    it('waits for all sessions, and hands out what belongs to those that are saved', async () => {
      const writes = [new PendingWrite(), new PendingWrite()];
      const { client } = await serve(writes, (response, gate) => {
        response.end('held');
        writes[0]!.fail();
        setImmediate(() => {
          gate.headers.setCookie(writes, 'second=1');
          writes[1]!.finish();
        });
      });
      expect(await client.get('/')).toMatchObject({ status: 500, cookies: ['second=1'] });
    });

    it('cuts the connection when not even the error can be answered', async () => {
      const write = new PendingWrite();
      const { client, log } = await serve(
        [write],
        (response) => {
          response.end('held');
          write.fail();
        },
        vi.fn(() => {
          throw new Error('no answer');
        }),
      );
      await expect(client.get('/')).rejects.toThrow('socket hang up');
      expect(log).toHaveBeenCalledOnce();
    });

    it('answers an error too when what was held turns out to be wrong', async () => {
      const write = new PendingWrite();
      const { client } = await serve([write], (response) => {
        response.writeHead(200, { 'not a name': 'x' });
        response.end();
        write.finish();
      });
      expect((await client.get('/')).status).toBe(500);
    });
  });
});
