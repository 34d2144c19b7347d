import type { mongo } from 'mongoose';

const views = new WeakMap<mongo.MongoClient, ClientView>();

/** What a client knows of its connections, by the events that the driver publishes. One for all stores that share the client. */
export class ClientView {
  readonly #connections = new Set<string>();
  readonly #options: mongo.MongoOptions;

  static of(client: mongo.MongoClient): ClientView {
    let view = views.get(client);
    if (!view) views.set(client, (view = new ClientView(client)));
    return view;
  }

  private constructor(client: mongo.MongoClient) {
    this.#options = client.options;
    // Also of connections that are older than this view.
    client.on('connectionCheckedOut', ({ address, connectionId }) => {
      this.#connections.add(`${address} ${connectionId}`);
    });
    client.on('connectionClosed', ({ address, connectionId }) => {
      this.#connections.delete(`${address} ${connectionId}`);
    });
  }

  /** As many as there are connections, and those that the driver opens at a time if more are needed; not more than it may ever have. */
  get maxInFlight(): number {
    const { maxPoolSize, maxConnecting } = this.#options;
    // 0 means that there is no limit.
    return Math.min(maxPoolSize || Infinity, this.#connections.size + maxConnecting);
  }
}
