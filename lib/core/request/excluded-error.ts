import { SessionError } from '../errors.js';

/** @param pattern of the option `exclude`, which matches the path of a request or handshake */
export function excludedError(pattern: string): SessionError {
  return new SessionError(
    'SESSION_EXCLUDED',
    `The option \`exclude\` has '${pattern}', which matches this path, so it has no session. Narrow the pattern, or do without.`,
  );
}
