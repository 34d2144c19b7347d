// This library, with its defaults, or with an option of it.
import { dirname, join } from 'node:path';
import { SessionHandlers } from './session-handlers.mjs';

class ModuleHandlers extends SessionHandlers {
  renew({ session }, user) {
    return session.login(user);
  }

  userFields() {
    return {};
  }
}

async function variantWith({ client, library }, options) {
  const { MongoSessionsModule } = await import(library);
  return {
    handlers: ModuleHandlers,
    imports: [MongoSessionsModule.forRoot({ client, collection: 'sessions', ...options })],
  };
}

export const moduleVariant = (given) => variantWith(given, {});
export const ambientVariant = (given) => variantWith(given, { ambient: true });
export const onDemandVariant = (given) => variantWith(given, { read: 'on-demand' });

/** Nobody sends an old cookie: what is measured is what all others pay for those who might. */
export async function movingInVariant(given) {
  const { fromConnectMongo } = await import(join(dirname(given.library), 'moving-in/index.js'));
  const until = new Date(Date.now() + 86_400_000);
  const old = { collection: 'old_sessions', cookie: 'connect.sid', secrets: ['a secret of the old app'], until };
  return variantWith(given, { movingIn: [fromConnectMongo(old)] });
}
