// What the clients do. `path` is asked for again and again; `cookies` says which sessions they bring: none,
// small or large ones, small ones of a user who is logged in, or small ones that are renewed.

export const WORKLOADS = {
  'no cookie': { path: '/read', what: 'a request without a cookie, to a handler that looks at its session' },
  untouched: {
    ...{ path: '/untouched', asksNothing: true },
    what: 'a request without a cookie, to a handler that does not ask for a session',
  },
  'untouched, with a cookie': {
    ...{ path: '/untouched', asksNothing: true, cookies: 'small', isNamedOnly: true },
    what: 'the same with the cookie of a stored session',
  },
  read: { path: '/read', cookies: 'small', what: 'a handler reads two keys' },
  'read, logged in': { path: '/read', cookies: 'logged in', what: 'the same, in a session as a login leaves it' },
  write: { path: '/write', cookies: 'small', isCounter: true, what: 'a handler reads one key and writes it' },
  'write of 100 KiB': {
    ...{ path: '/write', cookies: 'large', isCounter: true },
    what: 'the same, in a session that holds 100 KiB beside it',
  },
  login: {
    // Sessions of its own, for their cookies change.
    ...{ path: '/login', cookies: 'renewed', isCounter: true, renews: true },
    what: 'a session is replaced by another one, with another token',
  },
  '20 % writes': {
    path: '/read',
    cookies: 'small',
    writeEvery: 5,
    what: 'four reads, one write of one key, and so on',
  },
  'burst of 8': {
    ...{ path: '/read', cookies: 'small', sharedBy: 8 },
    what: 'reads; always 8 connections bring the cookie of the same session',
  },
};

const FAR = [10, 100, 400, 700].map((latency) => [
  `read, ${latency} ms away`,
  { path: '/read', cookies: 'small', latency, what: `reads; each message to MongoDB takes ${latency} ms longer` },
]);

/** Reads through a proxy in front of MongoDB. */
export const NETWORK_WORKLOADS = {
  ...Object.fromEntries(FAR),
  'read, 2 of 20 silent': {
    ...{ path: '/read', cookies: 'small', silent: 2 },
    what: 'reads; 2 of 20 connections to MongoDB stop answering',
  },
};

/** So many sessions there are of each size: more than connections, for in real life nearly every request brings another session. */
export const SESSIONS = 256;

/** The requests of one connection, in turn: its sessions are its own, unless the workload says otherwise. */
export function requestsOf({ path, cookies, writeEvery, sharedBy = 1 }, visitors, index, connections) {
  if (!cookies) return [{ path }];
  const group = Math.floor(index / sharedBy);
  const groups = Math.ceil(connections / sharedBy);
  const own = visitors.filter((_, place) => place % groups === group % visitors.length);
  if (sharedBy > 1) return [{ path, visitor: own[0] }];
  if (!writeEvery) return own.map((visitor) => ({ path, visitor }));
  const isWrite = (turn) => (turn + index) % writeEvery === 0;
  return own.flatMap((visitor) =>
    Array.from({ length: writeEvery }, (_, turn) => ({ path: isWrite(turn) ? '/write' : path, visitor })),
  );
}
