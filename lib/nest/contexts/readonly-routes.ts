import { type ExecutionContext, SetMetadata } from '@nestjs/common';

const PREFIX = 'nestjs-mongo-sessions:readonly:';

/**
 * Notes on a handler or class that it only reads the session of that name. A message is a use of
 * its session as soon as that is read, which a guard in front of `@ReadonlySession()` may do.
 */
export function markReadonly(name: string): ClassDecorator & MethodDecorator {
  return SetMetadata(PREFIX + name, true);
}

/** Whether what this context handles only reads the session that goes by one of these names. */
export function isMarkedReadonly(context: ExecutionContext, names: readonly string[]): boolean {
  // The context of a filter may have neither.
  const targets = [context.getHandler(), context.getClass()] as (object | null | undefined)[];
  return targets.some((target) => target && names.some((name) => Reflect.hasMetadata(PREFIX + name, target)));
}
