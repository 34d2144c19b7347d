import { type ArgumentsHost, Catch, type Provider } from '@nestjs/common';
import { APP_FILTER, BaseExceptionFilter, HttpAdapterHost } from '@nestjs/core';

/** An exception filter for everything, which looks at an exception, and responds to it or to what it was given instead. */
export function lookingFilter(look: (exception: unknown, host: ArgumentsHost) => unknown): Provider {
  @Catch()
  class LookingFilter extends BaseExceptionFilter {
    override catch(exception: unknown, host: ArgumentsHost): void {
      super.catch(look(exception, host) ?? exception, host);
    }
  }
  return {
    provide: APP_FILTER,
    useFactory: ({ httpAdapter }: HttpAdapterHost) => new LookingFilter(httpAdapter),
    inject: [HttpAdapterHost],
  };
}
