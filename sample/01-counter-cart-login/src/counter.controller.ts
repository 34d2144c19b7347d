import { Controller, Post, Redirect } from '@nestjs/common';
import { Session, type SessionObject } from 'nestjs-mongo-sessions';

@Controller('counter')
export class CounterController {
  /** Every form ends with 303 See Other: the browser fetches the page anew, and its reload button sends nothing twice. */
  @Post()
  @Redirect('/', 303)
  count(@Session() session: SessionObject): void {
    session.clicks = (session.clicks ?? 0) + 1;
  }
}
