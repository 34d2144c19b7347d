// What `require('express-session')` is for its own tests: its options as ours, and what the guide tells users to do by hand.
import { createHash } from 'node:crypto';
import mongoose from 'mongoose';
import { resolveOptions } from '../../dist/core/options/resolve-options.js';
import { Registration } from '../../dist/core/request/registration.js';
import { FaceCookie } from '../../dist/http/faces/face-cookie.js';
import { createSessionLoader } from '../../dist/http/session-loader.js';
import { MongoBsonCodec } from '../../dist/mongo/documents/bson-codec.js';
import { MemoryStore, Store, sessionStoreFor } from './stores.mjs';

const codec = new MongoBsonCodec(mongoose.mongo.BSON);
const SILENT = { emit() {}, log: { warn() {}, error() {} } };

export function session(given = {}) {
  checkArguments(given);
  const store = given.store ?? new MemoryStore();
  let load;
  return function sessionMiddleware(request, response, next) {
    const secret = given.secret ?? request.secret;
    if (secret) {
      load ??= loaderOf(given, secret, store);
      load(request, response, (error) => goOn(given, request, response, next, error), platformOf(given, request));
    } else next(new Error('secret option required for sessions'));
  };
}

session.Store = Store;
session.MemoryStore = MemoryStore;
session.Cookie = FaceCookie;
session.Session = function Session() {};

export { FaceCookie as Cookie };

/** Of options that are not there, or are others: tests 21, 78, 104 and 110. */
function checkArguments({ genid, secret, unset }) {
  if (genid !== undefined && typeof genid !== 'function') throw new TypeError('genid option must be a function');
  if (Array.isArray(secret) && secret.length === 0)
    throw new TypeError('secret option array must contain one or more strings');
  if (unset !== undefined && unset !== 'keep' && unset !== 'destroy')
    throw new TypeError('unset option must be "destroy" or "keep"');
}

function loaderOf(given, secret, store) {
  const sessionStore = sessionStoreFor(store, codec);
  const options = resolveOptions({ ...optionsOf(given, secret), store: sessionStore });
  const registration = new Registration(options, sessionStore, codec, SILENT);
  return createSessionLoader(
    registration,
    (error) => error,
    () => true,
  );
}

function optionsOf({ cookie = {}, name, key, saveUninitialized = true, unset = 'keep' }, secret) {
  const {
    maxAge,
    expires,
    httpOnly: _,
    path = '/',
    ...attributes
  } = typeof cookie === 'function' ? { path: (request) => cookie(request).path } : cookie;
  return {
    requestSession: { as: 'express-session', storeEmpty: saveUninitialized, unset },
    secrets: [secret].flat().map((each) => createHash('sha256').update(each).digest()),
    cookie: { name: name ?? key ?? 'connect.sid', path, ...attributes },
    ...(typeof maxAge === 'number' && { permanent: { always: maxAge, idleTimeout: '60d' } }),
    // Outside of its path, express-session has no session.
    ...(typeof path === 'string' && path !== '/' && { exclude: [new RegExp(`^(?!${path})`)] }),
  };
}

/** The platform's proxy settings. */
function platformOf({ proxy }, request) {
  const isEncrypted = request.socket.encrypted === true;
  const forwarded = request.headers['x-forwarded-proto']?.split(',')[0].trim().toLowerCase();
  const others = { true: forwarded === 'https', false: false, undefined: request.secure === true };
  return Object.create(request, { secure: { value: isEncrypted || others[proxy] } });
}

/** A handler that throws is answered by its framework. */
function goOn({ rolling }, request, response, next, error) {
  try {
    // By hand: `rolling`.
    if (!error && rolling) request.session?.touch();
    next(error);
  } catch (thrown) {
    if (response.headersSent) throw thrown;
    response.statusCode = thrown.httpStatus ?? 500;
    response.end(thrown.message);
  }
}
