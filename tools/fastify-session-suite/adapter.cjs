// Takes the options of @fastify/session, and gives its test suite sessions of ours with the face 'fastify-session'.
// It maps options as docs/34-coming-from-fastify-session.md tells users to, and no more.
const fp = require('fastify-plugin');

const dist = (file) => require(`../../dist/${file}`);
const { resolveOptions } = dist('core/options/resolve-options.js');
const { Registration } = dist('core/request/registration.js');
const { decodeData } = dist('core/data/session-decoding.js');
const { MemorySessionStore } = dist('core/store/memory-session.store.js');
const { completeMounting, mountEarly } = dist('http/mount-sessions.js');
const { MongoBsonCodec } = dist('mongo/documents/bson-codec.js');
const { BSON } = require('mongoose').mongo;

const codec = new MongoBsonCodec(BSON);
const idOf = ({ handle, epoch }) => `${handle}.${epoch}`;

/** Our store in memory, which tells a store of the suite what becomes of sessions: it keeps them, counts, or fails. */
class SuiteStore extends MemorySessionStore {
  constructor(theirs) {
    super();
    this.theirs = theirs;
  }

  async find(handle) {
    const stored = await super.find(handle);
    if (stored) await this.#tell('get', idOf(stored));
    return stored;
  }

  async insert(session) {
    await this.#tellSet(session);
    return super.insert(session);
  }

  async update(target, change) {
    const isDone = await super.update(target, change);
    if (isDone) await this.#tellSet(await super.find(target.handle));
    return isDone;
  }

  async replaceSecret(target, change) {
    const isDone = await super.replaceSecret(target, change);
    if (isDone) await this.#tell('destroy', idOf(target));
    if (isDone) await this.#tellSet(await super.find(target.handle));
    return isDone;
  }

  async take(handle, filter) {
    const taken = await super.take(handle, filter);
    if (taken) await this.#tell('destroy', idOf(taken));
    return taken;
  }

  #tellSet(session) {
    return this.#tell('set', idOf(session), { cookie: {}, ...decodeData(codec, session.data) });
  }

  #tell(method, ...args) {
    if (!this.theirs) return undefined;
    return new Promise((done, fail) => {
      this.theirs[method](...args, (error) => (error && error.code !== 'ENOENT' ? fail(error) : done()));
    });
  }
}

function optionsOf({ secret, cookieName = 'sessionId', cookie = {}, store, saveUninitialized = true }) {
  const { maxAge, expires: _, path, sameSite, secure = true, httpOnly: _always, ...rest } = cookie;
  return {
    requestSession: { as: 'fastify-session', storeEmpty: saveUninitialized },
    store: new SuiteStore(store),
    secrets: [secret].flat(),
    cookie: {
      name: cookieName,
      secure,
      ...(path !== undefined && { path }),
      ...(sameSite !== undefined && { sameSite: sameSiteOf(sameSite, secure) }),
      ...rest,
    },
    ...(maxAge !== undefined && { permanent: { always: maxAge } }),
    ...(path !== undefined && path !== '/' && { exclude: [notUnder(path)] }),
  };
}

function sameSiteOf(sameSite, secure) {
  if (sameSite === true) return 'strict';
  return sameSite === 'none' && secure === 'auto' ? 'auto' : sameSite;
}

function notUnder(path) {
  const under = path.replace(/\/$/, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^(?!${under}(/|$))`);
}

/** As Nest's exception filters do. */
function toFrameworkError(error) {
  return error.httpStatus
    ? Object.assign(new Error(error.message, { cause: error }), { statusCode: error.httpStatus })
    : error;
}

async function fastifySession(fastify, options) {
  const resolved = resolveOptions(optionsOf(options));
  const log = { warn() {}, error() {} };
  const { store } = resolved.source();
  const registration = new Registration(resolved, store, codec, { emit() {}, log });
  const adapter = { getType: () => 'fastify', getInstance: () => fastify, use() {} };
  mountEarly(adapter, registration, toFrameworkError);
  completeMounting(adapter, registration);
  // What rolling did by itself there.
  if (options.rolling !== false) fastify.addHook('preHandler', async ({ session }) => void session.touch?.());
}

module.exports = fp(fastifySession, { fastify: '5.x', name: '@fastify/session', dependencies: ['@fastify/cookie'] });
