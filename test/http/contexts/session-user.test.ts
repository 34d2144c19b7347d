// @SessionUser() with the option loadUser.
import {
  type ExecutionContext,
  Controller,
  Get,
  Injectable,
  NotFoundException,
  type PipeTransform,
} from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import {
  MemorySessionStore,
  Session,
  SessionError,
  SessionUser,
  type SessionObject,
  type UserLoader,
} from '../../../lib/index.js';
import { PLATFORMS, startApp } from '../../support/http.js';
import { startWorld } from '../../support/world.js';

interface User {
  readonly id: string;
}

@Injectable()
class NamePipe implements PipeTransform {
  transform(user: User | undefined) {
    return user?.id.toUpperCase();
  }
}

@Controller('users')
class UsersController {
  @Get('optional')
  optional(@SessionUser() user: User | undefined) {
    return { user: user ?? null };
  }

  @Get('required')
  required(@SessionUser({ required: true }) user: User) {
    return { user };
  }

  @Get('twice')
  twice(@SessionUser() one: User, @SessionUser({ required: true }) two: User, @SessionUser() three: User) {
    return { isSame: one === two && two === three };
  }

  @Get('piped')
  piped(@SessionUser({}, NamePipe) name: string) {
    return { name };
  }

  @Get('admin')
  admin(@SessionUser({ name: 'admin' }) user: User) {
    return { user };
  }

  @Get('login')
  async login(@Session() session: SessionObject, @SessionUser() before: User) {
    await session.login('eve');
    return { before };
  }
}

describe.each(PLATFORMS)('@SessionUser on %s', (platform) => {
  const start = async (loadUser?: UserLoader) => {
    const calls: unknown[] = [];
    const load: UserLoader = (userId, context) => {
      calls.push(userId);
      return loadUser ? loadUser(userId, context) : { id: userId };
    };
    const world = await startWorld(platform, { loadUser: load }, { controllers: [UsersController] });
    return { world, calls, browser: await world.browserOf('ada') };
  };

  test('gives what loadUser returns, or resolves with, for the id of the user', async () => {
    for (const load of [undefined, async (id: unknown) => ({ id })]) {
      const { browser } = await start(load);
      expect((await browser.get('/users/optional')).body).toBe('{"user":{"id":"ada"}}');
      expect((await browser.get('/users/required')).body).toBe('{"user":{"id":"ada"}}');
      expect((await browser.get('/users/piped')).body).toBe('{"name":"ADA"}');
    }
  });

  test('asks loadUser once a request, however many handlers ask', async () => {
    const { browser, calls } = await start();
    expect((await browser.get('/users/twice')).body).toBe('{"isSame":true}');
    expect(calls).toEqual(['ada']);
    await browser.get('/users/twice');
    expect(calls).toEqual(['ada', 'ada']);
  });

  test('gives loadUser the ExecutionContext', async () => {
    let context: ExecutionContext | undefined;
    const { browser } = await start((_userId, given) => void (context = given));
    await browser.get('/users/optional');
    expect([context?.getType(), context?.getHandler().name]).toEqual(['http', 'optional']);
  });

  test('is undefined, or 401 with `required`, if nobody is logged in or loadUser finds nobody', async () => {
    const refusal = { statusCode: 401, message: 'Unauthorized', code: 'SESSION_REQUIRED', reason: 'anonymous' };
    const { world, calls } = await start();
    const visitor = world.client();
    expect((await visitor.get('/users/optional')).body).toBe('{"user":null}');
    expect(JSON.parse((await visitor.get('/users/required')).body)).toEqual(refusal);
    expect(calls).toEqual([]);
    for (const nobody of [null, undefined]) {
      const { browser } = await start(() => nobody);
      expect((await browser.get('/users/optional')).body).toBe('{"user":null}');
      expect(JSON.parse((await browser.get('/users/required')).body)).toEqual(refusal);
    }
  });

  test('responds with what loadUser throws', async () => {
    for (const load of [
      () => {
        throw new NotFoundException('gone');
      },
      () => Promise.reject(new NotFoundException('gone')),
    ]) {
      const { browser } = await start(load);
      expect((await browser.get('/users/optional')).status).toBe(404);
    }
  });

  test('belongs to the session as it is when it is asked for', async () => {
    const { world, browser } = await start();
    expect((await browser.get('/users/login')).body).toBe('{"before":{"id":"ada"}}');
    expect((await browser.get('/users/optional')).body).toBe('{"user":{"id":"eve"}}');
    expect(world.eventTypes()).toContain('loggedIn');
  });

  test('fails with SESSION_OPTION_INVALID where a user is asked for without loadUser, and SESSION_NOT_MOUNTED for an unknown name', async () => {
    const world = await startWorld(platform, {}, { controllers: [UsersController] });
    const browser = await world.browserOf('ada');
    expect((await browser.get('/users/optional')).status).toBe(500);
    expect(world.app.log.lines.join()).toContain('needs the option `loadUser`');
    expect((await browser.get('/users/admin')).status).toBe(500);
    expect(world.app.log.lines.join()).toContain("no session of the name 'admin'");
  });

  test.each(['ada', {}, null, 7])('refuses %j as loadUser when the app starts', async (loadUser) => {
    const sessions = { store: new MemorySessionStore(), loadUser: loadUser as never };
    await expect(startApp({ platform, sessions })).rejects.toThrow(SessionError);
    await expect(startApp({ platform, sessions })).rejects.toThrow('option `loadUser`');
  });
});
