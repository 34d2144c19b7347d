// @fastify/session with connect-mongo, whose stores of express-session it takes as they are.
import cookie from '@fastify/cookie';
import session from '@fastify/session';
import { MongoStore } from 'connect-mongo';
import { SessionHandlers } from './session-handlers.mjs';

class FastifySessionHandlers extends SessionHandlers {
  renew({ session: before }) {
    return before.regenerate();
  }
}

function variant(options) {
  const settings = { secret: 'a secret with a length of 32 or more', cookie: { secure: false }, ...options };
  return {
    handlers: FastifySessionHandlers,
    async prepare(app) {
      await app.register(cookie);
      await app.register(session, settings);
    },
  };
}

/** As it comes; without https `secure: false` has to be set. */
export function fastifySessionVariant({ client }) {
  return variant({ store: MongoStore.create({ client }) });
}

/** Nothing is saved that has not changed. It never touches a session, so that `touchAfter` has no meaning. */
export function tunedFastifySessionVariant({ client }) {
  const store = MongoStore.create({ client, stringify: false });
  return variant({ rolling: false, saveUninitialized: false, store });
}
