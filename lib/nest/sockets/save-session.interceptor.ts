import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Observable, concat, concatMap, defer, finalize, ignoreElements } from 'rxjs';
import { sessionsOfMessage } from '../contexts/socket-session.js';
import { MessageScope, messageOf, messageScope } from './message-of.js';

/**
 * Saves the session of a message after its handler, before the answer to it. If saving fails, so
 * does the message. Over HTTP it does nothing: there, the session is saved anyway.
 *
 * ```ts
 * @UseInterceptors(SaveSession)
 * @SubscribeMessage('theme')
 * theme(@Session() session: SessionObject, @MessageBody() theme: string) {
 *   session.theme = theme;
 * }
 * ```
 */
@Injectable()
export class SaveSession implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType<string>() === 'http') return next.handle();
    return defer(() => this.#handle(new MessageScope(messageOf(context)), next));
  }

  #handle(scope: MessageScope, next: CallHandler): Observable<unknown> {
    const save = async () => {
      const asked = [...sessionsOfMessage(scope.message), ...scope.sessions];
      for (const session of new Set(asked)) await session.save();
    };
    const handled = new Observable((subscriber) => messageScope.run(scope, () => next.handle().subscribe(subscriber)));
    const saved = handled.pipe(
      concatMap(async (value) => {
        await save();
        return value;
      }),
    );
    return concat(saved, defer(save).pipe(ignoreElements())).pipe(finalize(() => scope.end()));
  }
}
