// The old session of a race, as the option `movingIn` is told of it.
import { idOfValues } from '../../../../lib/core/moving/derived-token.js';
import type { SessionImporter } from '../../../../lib/index.js';
import { fromCookie, fromDocuments } from '../../../../lib/moving-in/index.js';
import type { Setting } from './race-setting.js';

export const OLD_ID = 'old';
export const COOKIE = `old=${OLD_ID}`;
export const idOfSealed = idOfValues([OLD_ID]);

export function oldSource({ isSealed = false, hasUser = false }: Setting): SessionImporter {
  const shared = {
    ...{ cookie: 'old', secrets: ['a secret of thirty-two characters'], until: '2030-03-01' },
    ...(hasUser && { userId: () => 'ada' }),
  };
  const old = { data: { cart: 'tea' }, maxAge: 3_600_000 };
  if (isSealed) return fromCookie({ ...shared, decode: ([value]) => (value === OLD_ID ? old : undefined) });
  return fromDocuments({ ...shared, collection: 'old_sessions', idOf: (value) => value, decode: () => old });
}
