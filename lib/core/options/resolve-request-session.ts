import { objectAt, oneOf, optionError, refuseUnknown, withDefaults } from '../option-checks.js';
import { type RequestSessionFace, RequestSessionOptions } from './request-session-options.js';

/** `RequestSessionOptions` after validation. */
export type ResolvedRequestSession = Readonly<Required<RequestSessionOptions>>;

const FACES = ['plain', 'express-session', 'fastify-session', false] as const;

export function resolveRequestSession(
  given: RequestSessionFace | RequestSessionOptions | undefined,
): ResolvedRequestSession {
  if (typeof given !== 'object' || given === null) {
    return Object.freeze({ ...defaults(), as: oneOf('requestSession', given, FACES) });
  }
  const options = withDefaults(defaults(), objectAt('requestSession', given));
  refuseUnknown('requestSession.', options, Object.keys(defaults()));
  const as = oneOf('requestSession.as', options.as, FACES);
  if (given.storeEmpty !== undefined && !isFace(as)) throw needsFace('storeEmpty', given.storeEmpty);
  if (given.unset !== undefined && as !== 'express-session') throw needsFace('unset', given.unset);
  return Object.freeze({
    as,
    storeEmpty: oneOf('requestSession.storeEmpty', options.storeEmpty, [true, false, 'when-named'] as const),
    unset: oneOf('requestSession.unset', options.unset, ['keep', 'destroy'] as const),
  });
}

function defaults(): Required<RequestSessionOptions> {
  return new RequestSessionOptions() as Required<RequestSessionOptions>;
}

/** Whether `request.session` shows the session as one of another library. */
export function isFace(as: RequestSessionFace): as is 'express-session' | 'fastify-session' {
  return as === 'express-session' || as === 'fastify-session';
}

function needsFace(option: 'storeEmpty' | 'unset', given: unknown) {
  const faces = option === 'unset' ? "'express-session'" : "'express-session' or 'fastify-session'";
  const fix = `It has an effect only with \`as: ${faces}\`: set that, or leave \`${option}\` out.`;
  return optionError(`requestSession.${option}`, given, fix);
}
