// This library, with its defaults.
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
