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

export async function moduleVariant({ client, library }) {
  const { MongoSessionsModule } = await import(library);
  return {
    handlers: ModuleHandlers,
    imports: [MongoSessionsModule.forRoot({ client, collection: 'sessions' })],
  };
}
