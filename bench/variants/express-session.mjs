// express-session with connect-mongo: as the README of connect-mongo sets it up, and with everything set that makes it quicker.
import { MongoStore } from 'connect-mongo';
import session from 'express-session';
import { SessionHandlers } from './session-handlers.mjs';

class ExpressSessionHandlers extends SessionHandlers {
  renew({ session: before }) {
    return new Promise((resolve, reject) => {
      before.regenerate((error) => (error ? reject(error) : resolve()));
    });
  }
}

function variant(options) {
  return { handlers: ExpressSessionHandlers, prepare: (app) => app.use(session({ secret: 'a secret', ...options })) };
}

export function expressSessionVariant({ client }) {
  // These two are the defaults; given by name they are the same without the warning.
  return variant({ resave: true, saveUninitialized: true, store: MongoStore.create({ client }) });
}

export function tunedExpressSessionVariant({ client }) {
  const store = MongoStore.create({ client, touchAfter: 24 * 3600, stringify: false });
  return variant({ resave: false, saveUninitialized: false, store });
}
