// What an app knows of itself: requests, CPU, bytes to and from MongoDB, heap, and where its time goes.
import { Session } from 'node:inspector/promises';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const SETTLE_MS = 5_000;

export class AppMeter {
  #sockets = new Set();
  #closed = { out: 0, in: 0 };
  #requests = 0;
  #open = 0;
  #holding = [];
  #profiler;

  constructor() {
    // The driver opens its sockets with this; a server does not.
    const { createConnection } = net;
    net.createConnection = (...args) => this.#follow(createConnection(...args));
    syncBuiltinESMExports();
  }

  #follow(socket) {
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#closed.out += socket.bytesWritten;
      this.#closed.in += socket.bytesRead;
    });
    return socket;
  }

  watch(server) {
    server.on('request', (_request, response) => {
      this.#requests += 1;
      this.#open += 1;
      response.once('close', () => (this.#open -= 1));
    });
  }

  /** So far. Waits until no request is open, and what comes after its answer is done. */
  async totals() {
    const deadline = Date.now() + SETTLE_MS;
    while (this.#open > 0 && Date.now() < deadline) await delay(5);
    await delay(5);
    const { user, system } = process.cpuUsage();
    const totals = { requests: this.#requests, cpu: user + system, out: this.#closed.out, in: this.#closed.in };
    for (const { bytesWritten, bytesRead } of this.#sockets) {
      totals.out += bytesWritten;
      totals.in += bytesRead;
    }
    return totals;
  }

  /** Until `release`. */
  held() {
    return new Promise((resolve) => {
      this.#holding.push(resolve);
    });
  }

  async release() {
    for (const resolve of this.#holding.splice(0)) resolve();
  }

  /** After garbage collection, with the number of requests that are held. */
  async heap() {
    for (let pass = 0; pass < 3; pass++) {
      globalThis.gc();
      await delay(20);
    }
    return { bytes: process.memoryUsage().heapUsed, held: this.#holding.length };
  }

  async startProfile() {
    this.#profiler = new Session();
    this.#profiler.connect();
    await this.#profiler.post('Profiler.enable');
    await this.#profiler.post('Profiler.setSamplingInterval', { interval: 200 });
    await this.#profiler.post('Profiler.start');
  }

  async stopProfile() {
    const { profile } = await this.#profiler.post('Profiler.stop');
    this.#profiler.disconnect();
    return profile;
  }
}
