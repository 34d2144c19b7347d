import { type ArgumentsHost, Catch, UnauthorizedException } from '@nestjs/common';
import { BaseExceptionFilter, HttpAdapterHost } from '@nestjs/core';
import { SessionException, type SessionObject } from 'nestjs-mongo-sessions';
import type { Task } from './session-data.js';

interface FormRequest {
  readonly session: SessionObject;
  readonly body?: { readonly handle?: unknown };
}

/** Instead of a 401: the form that helps. What was asked for is remembered, and done after the password. */
@Catch(UnauthorizedException, SessionException)
export class SignInFilter extends BaseExceptionFilter {
  constructor({ httpAdapter }: HttpAdapterHost) {
    super(httpAdapter);
  }

  override catch(exception: Error, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const { session, body } = http.getRequest<FormRequest>();
    const isStale = exception instanceof SessionException && exception.code === 'SESSION_NOT_FRESH';
    if (exception instanceof SessionException && !isStale) return super.catch(exception, host);
    const mustConfirm = isStale && session.userId !== undefined;
    if (mustConfirm) session.task = taskOf(body?.handle);
    this.applicationRef!.redirect(http.getResponse(), 303, mustConfirm ? '/confirm' : '/login');
  }
}

function taskOf(handle: unknown): Task {
  return typeof handle === 'string' ? { kind: 'sign-out', handle } : { kind: 'sign-out-others' };
}
