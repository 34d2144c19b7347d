import { type ExecutionContext, type PipeTransform, type Type, createParamDecorator } from '@nestjs/common';
import type { SessionData } from '../../core/session/session-data.interface.js';
import { findInContext, openSession } from '../contexts/find-session.js';

/** Which session, where there are several registrations, and which of its keys. */
export interface SessionTarget<T extends object = SessionData> {
  /** Name of the registration. @default 'default' */
  name?: string;
  /** A key of its data. @default the whole session */
  key?: keyof T & string;
}

type Pipe = Type<PipeTransform> | PipeTransform;

/** See `Session`. */
export interface SessionDecorator {
  (...pipes: Pipe[]): ParameterDecorator;
  // NoInfer, or any key would do: T would be inferred as an object that has it.
  <T extends object = SessionData>(key: NoInfer<keyof T & string>, ...pipes: Pipe[]): ParameterDecorator;
  <T extends object = SessionData>(target: NoInfer<SessionTarget<T>>, ...pipes: Pipe[]): ParameterDecorator;
}

/**
 * The session of the request, in controllers and GraphQL resolvers:
 *
 * ```ts
 * show(@Session() session: SessionObject) {}
 * show(@Session('cart') cart: Item[] = []) {}
 * show(@Session<Cart>('items', ItemsPipe) items: Item[]) {}
 * show(@Session({ name: 'admin' }) session: SessionObject<Admin>) {}
 * ```
 *
 * Its type has another name, because the compiler writes the type of a decorated parameter into the
 * metadata. A value of that name, such as this decorator, would be taken for the parameter's class,
 * and pipes would transform the session into one.
 *
 * Throws `SESSION_NOT_MOUNTED` if the module does not serve the request, `SESSION_EXCLUDED` on an
 * excluded path. Responds with 503 if the store can't be read.
 */
export const Session: SessionDecorator = createParamDecorator(
  (target: string | SessionTarget | undefined, context: ExecutionContext) => {
    const { name, key } = typeof target === 'string' ? { name: undefined, key: target } : (target ?? {});
    const session = openSession(findInContext(context, name));
    if (key === undefined) return session;
    return session instanceof Promise ? session.then((opened) => valueIn(opened, key)) : valueIn(session, key);
  },
) as SessionDecorator;

function valueIn(session: object, key: string): unknown {
  return Object.hasOwn(session, key) ? (session as Record<string, unknown>)[key] : undefined;
}
