import { type ArgumentsHost, Catch, HttpException, UnauthorizedException } from '@nestjs/common';
import { BaseExceptionFilter, HttpAdapterHost } from '@nestjs/core';
import { SessionException } from 'nestjs-mongo-sessions';

/** A form that is answered with 401 leads to the login form, with the reason. Programs get the 401. */
@Catch(UnauthorizedException, SessionException)
export class LoginFormFilter extends BaseExceptionFilter<HttpException> {
  constructor({ httpAdapter }: HttpAdapterHost) {
    super(httpAdapter);
  }

  override catch(exception: HttpException, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const isForm = http.getRequest<{ method: string }>().method === 'POST';
    if (!isForm || exception.getStatus() !== 401) return super.catch(exception, host);
    const notice = exception instanceof SessionException ? 'again' : 'failed';
    this.applicationRef!.redirect(http.getResponse(), 303, `/?notice=${notice}`);
  }
}
