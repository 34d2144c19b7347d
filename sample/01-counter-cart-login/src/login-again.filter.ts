import { type ArgumentsHost, Catch } from '@nestjs/common';
import { BaseExceptionFilter, HttpAdapterHost } from '@nestjs/core';
import { SessionException } from 'nestjs-mongo-sessions';

/** Sends the browser to the login form in place of the 401 of `@FreshSession`. */
@Catch(SessionException)
export class LoginAgainFilter extends BaseExceptionFilter<SessionException> {
  constructor({ httpAdapter }: HttpAdapterHost) {
    super(httpAdapter);
  }

  override catch(exception: SessionException, host: ArgumentsHost): void {
    if (exception.code !== 'SESSION_NOT_FRESH') super.catch(exception, host);
    else this.applicationRef!.redirect(host.switchToHttp().getResponse(), 303, '/?login=again');
  }
}
