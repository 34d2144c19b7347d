import { checkKey } from '../core/session/reserved-names.js';
import { RESERVED_NAMES } from '../core/session/session.js';

/** A handler could not set such a key either: it would hide a member of the session. */
export function checkData(data: object): void {
  for (const key of Object.keys(data)) checkKey(key, RESERVED_NAMES);
}
