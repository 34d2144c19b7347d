import { Controller, Get, Query } from '@nestjs/common';
import { Session, type SessionObject } from '../../../../lib/index.js';

type Data = SessionObject<Record<string, unknown>>;

@Controller()
export class ProofController {
  /** Two keys in one commit: a session that has one of them is half a session. */
  @Get('write') write(@Session() session: Data, @Query('value') value: string): void {
    session['first'] = Number(value);
    session['second'] = Number(value);
  }

  @Get('count') async count(@Session() session: Data) {
    return { count: await session.increment('count') };
  }

  @Get('read') read(@Session() session: Data) {
    return { ...session };
  }

  @Get('login') login(@Session() session: Data, @Query('user') user: string) {
    return session.login(user, { keep: true });
  }

  @Get('logout') logout(@Session() session: Data) {
    return session.logout();
  }
}
