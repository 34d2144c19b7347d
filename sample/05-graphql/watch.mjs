// Prints a cart whenever it changes, for as long as its session lasts: node watch.mjs cookies.txt
// A browser sends its cookie with the handshake by itself. Any other client sets the header, as this one does.
import { readFileSync } from 'node:fs';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

const [file = 'cookies.txt', url = 'ws://127.0.0.1:3000/graphql'] = process.argv.slice(2);

/** The cookie as curl has kept it: the last two fields of a line are its name and its value. */
function readCookie() {
  const fields = readFileSync(file, 'utf8').trim().split('\n').at(-1).split('\t');
  return `${fields.at(-2)}=${fields.at(-1)}`;
}

/** Read again for each connection, because a login gives the session another token. */
class SessionSocket extends WebSocket {
  constructor(address, protocols) {
    super(address, protocols, { headers: { cookie: readCookie() } });
  }
}

const client = createClient({ url, webSocketImpl: SessionSocket, retryWait: () => new Promise(setImmediate) });
const changes = client.iterate({ query: 'subscription { cartChanges { product quantity } }' });
try {
  for await (const { data, errors } of changes) console.log(JSON.stringify(errors ?? data.cartChanges));
} catch (error) {
  console.log(error.code === 4401 ? 'The session has ended.' : `Closed: ${error.code ?? JSON.stringify(error)}`);
}
