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

/** They use `request.session` only, as with express-session. */
class FaceHandlers extends SessionHandlers {
  renew({ session }) {
    return session.regenerate();
  }
}

async function variantWith({ client, library }, options, handlers = ModuleHandlers) {
  const { MongoSessionsModule } = await import(library);
  return {
    handlers,
    imports: [MongoSessionsModule.forRoot({ client, collection: 'sessions', ...options })],
  };
}

export const moduleVariant = (given) => variantWith(given, {});
export const ambientVariant = (given) => variantWith(given, { ambient: true });

/** Nothing is read before a handler asks. */
export async function onDemandVariant(given) {
  const { MongoSessions } = await import(given.library);
  let sessions;
  class OnDemandHandlers extends ModuleHandlers {}
  for (const name of ['read', 'write', 'login', 'seed', 'seedLoggedIn']) {
    OnDemandHandlers.prototype[name] = async function (request, ...others) {
      await sessions.from(request);
      return ModuleHandlers.prototype[name].call(this, request, ...others);
    };
  }
  const variant = await variantWith(given, { read: 'on-demand' }, OnDemandHandlers);
  return { ...variant, prepare: (app) => void (sessions = app.get(MongoSessions)) };
}

export const faceVariant = (given) => variantWith(given, { requestSession: 'express-session' }, FaceHandlers);

/** Nobody sends an old cookie: what is measured is what all others pay for those who might. */
export async function movingInVariant(given) {
  const { fromConnectMongo } = await import(join(dirname(given.library), 'moving-in/index.js'));
  const until = new Date(Date.now() + 86_400_000);
  const old = { collection: 'old_sessions', cookie: 'connect.sid', secrets: ['a secret of the old app'], until };
  return variantWith(given, { movingIn: [fromConnectMongo(old)] });
}
