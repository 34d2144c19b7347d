// What a developer reads of an operation that failed, and what the client is told.
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { describe, expect, test } from 'vitest';
import { type Handle, startWorld } from '../../support/world.js';
import { PLATFORMS } from '../../support/http.js';

const FAILURES: Readonly<Record<string, { fix: RegExp; handle: Handle; status: number; code: string }>> = {
  'reload() of a session that was never saved': {
    fix: /^session\.reload\(\) failed because .* Check session\.isNew first, or catch SESSION_ENDED\.$/,
    handle: ({ session }) => session.reload(),
    ...{ status: 409, code: 'SESSION_ENDED' },
  },
  'push() of too much': {
    fix: /raise `maxSize`/,
    handle: ({ session }) => {
      session['a'] = 'x'.repeat(2000);
      return session.push('list', [1]);
    },
    ...{ status: 413, code: 'SESSION_TOO_LARGE' },
  },
};

describe.each(PLATFORMS)('B21: a failed operation on %s', (platform) => {
  test.each(Object.entries(FAILURES))('%s has the fix in its message, in a handler', async (_, failure) => {
    const world = await startWorld(platform, { maxSize: 1000 });
    const messages: string[] = [];
    await world.visit(world.client(), async (visit) => {
      await Promise.resolve(failure.handle(visit)).catch((error: Error) => messages.push(error.message));
      for (const key of Object.keys(visit.session)) delete visit.session[key];
    });
    expect(messages).toEqual([expect.stringMatching(failure.fix)]);
  });

  test.each(Object.entries(FAILURES))('%s has it in a filter, and not in the response', async (_, failure) => {
    const seen: Error[] = [];
    @Catch()
    class Filter extends BaseExceptionFilter implements ExceptionFilter {
      override catch(error: Error, host: ArgumentsHost): void {
        seen.push(error);
        // oxlint-disable-next-line promise/no-promise-in-callback -- `catch` is the method of an exception filter
        super.catch(error, host);
      }
    }
    const world = await startWorld(
      platform,
      { maxSize: 1000 },
      { configure: (app) => void app.useGlobalFilters(new Filter(app.getHttpAdapter())) },
    );
    const reply = await world.visit(world.client(), failure.handle);
    const { status, code } = failure;
    expect(seen[0]?.message).toMatch(failure.fix);
    expect(reply.status).toBe(status);
    expect(JSON.parse(reply.body)).toEqual({ statusCode: status, message: expect.any(String), code });
    expect(reply.body).not.toMatch(/session\.|maxSize/);
  });
});
