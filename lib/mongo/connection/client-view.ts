import type { mongo } from 'mongoose';

/** With MongoDB's defaults an election takes about twelve seconds. */
const MAX_ELECTION_MS = 15_000;

const WRITABLE = new Set(['RSPrimary', 'Standalone', 'Mongos', 'LoadBalancer']);

const views = new WeakMap<mongo.MongoClient, ClientView>();

/**
 * What a client knows of its servers and connections, from the driver's events. Shared by all
 * stores of the client.
 */
export class ClientView {
  /** Undefined until an event or a response tells it. */
  #hasPrimary: boolean | undefined;
  #electingSince: number | undefined;
  readonly #connections = new Set<string>();
  readonly #options: mongo.MongoOptions;

  static of(client: mongo.MongoClient): ClientView {
    let view = views.get(client);
    if (!view) views.set(client, (view = new ClientView(client)));
    return view;
  }

  private constructor(client: mongo.MongoClient) {
    this.#options = client.options;
    client.on('topologyDescriptionChanged', ({ newDescription }) => {
      const types = [...newDescription.servers.values()].map(({ type }) => type);
      this.#hasPrimary = types.some((type) => WRITABLE.has(type));
      const isElecting = !this.#hasPrimary && types.includes('RSSecondary');
      this.#electingSince = isElecting ? (this.#electingSince ?? performance.now()) : undefined;
    });
    // Also for connections that are older than this view.
    client.on('connectionCheckedOut', ({ address, connectionId }) => {
      this.#connections.add(`${address} ${connectionId}`);
    });
    client.on('connectionClosed', ({ address, connectionId }) => {
      this.#connections.delete(`${address} ${connectionId}`);
    });
  }

  /** Whether a primary is known, or members that can elect one. */
  get isUsable(): boolean {
    if (this.#electingSince !== undefined) return performance.now() - this.#electingSince < MAX_ELECTION_MS;
    return this.#hasPrimary ?? false;
  }

  /**
   * The number of connections, and those that the driver may open at a time, but no more than the
   * pool may have.
   */
  get maxInFlight(): number {
    const { maxPoolSize, maxConnecting } = this.#options;
    // 0 means no limit.
    return Math.min(maxPoolSize || Infinity, this.#connections.size + maxConnecting);
  }

  /**
   * A server has responded. Without an event: the client was connected before this view existed.
   */
  confirmPrimary(): void {
    this.#hasPrimary ??= true;
  }
}
