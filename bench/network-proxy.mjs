// The network between an app and MongoDB: a TCP proxy on 127.0.0.1 that delays what is sent, or lets connections fall silent.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** The name of a command in its BSON. */
const FIND = Buffer.from('\x02find\0', 'latin1');

export class NetworkProxy {
  #server;
  #target;
  #links = new Set();
  #latency = 0;
  #toSilence = 0;

  /** @param {{ host: string, port: number }} target the MongoDB server */
  static async open(target) {
    const proxy = new NetworkProxy();
    proxy.#target = target;
    proxy.#server = createServer((client) => proxy.#link(client)).listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port() {
    return this.#server.address().port;
  }

  /** How many connections have yet to fall silent. */
  get toSilence() {
    return this.#toSilence;
  }

  /** From now on each message reaches MongoDB that much later. Its response comes back at once, so this is the round trip. */
  delay(ms) {
    this.#latency = ms;
  }

  /**
   * The next connections that carry a `find` stay open and never answer again. Connections that are idle, or that only watch the
   * server, are not chosen, so every app meets all of them. Connections that were silent before break.
   */
  silence(count) {
    for (const link of this.#links) if (link.isSilent) link.end();
    this.#toSilence = count;
  }

  async close() {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const link of this.#links) link.end();
    await closed;
  }

  #link(client) {
    const server = connect(this.#target);
    const link = {
      isSilent: false,
      end() {
        client.destroy();
        server.destroy();
      },
    };
    this.#links.add(link);
    client.once('close', () => this.#links.delete(link));
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      // An app that ends breaks its connections.
      socket.on('error', () => {});
      socket.once('close', () => link.end());
    }
    client.on('data', (chunk) => {
      if (this.#toSilence > 0 && !link.isSilent && chunk.includes(FIND)) {
        this.#toSilence -= 1;
        link.isSilent = true;
      }
      if (link.isSilent) return;
      // Timers of the same delay run in their order, so the chunks stay in theirs.
      if (this.#latency > 0) setTimeout(() => server.write(chunk), this.#latency);
      else server.write(chunk);
    });
    server.on('data', (chunk) => {
      if (!link.isSilent) client.write(chunk);
    });
  }
}
