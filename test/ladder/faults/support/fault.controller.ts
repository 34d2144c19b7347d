import { Controller, Get, Query } from '@nestjs/common';
import { Session, type SessionObject } from '../../../../lib/index.js';

type Data = SessionObject<Record<string, unknown>>;

/** One route for each operation of the store. */
@Controller()
export class FaultController {
  @Get('set') set(@Session() session: Data, @Query('mark') mark: string): void {
    session['mark'] = mark;
  }

  @Get('read') read(@Session() session: Data) {
    return { ...session };
  }

  @Get('login') login(@Session() session: Data, @Query('mark') mark: string) {
    return session.login(mark, { keep: true });
  }

  @Get('increment') async increment(@Session() session: Data) {
    return { count: await session.increment('count') };
  }

  @Get('erase') erase(@Session() session: Data): void {
    delete session['mark'];
  }

  @Get('logout') logout(@Session() session: Data) {
    return session.logout();
  }
}
