import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Fault, FaultSwitch } from './fault.js';
import { MessageSplitter, type WireMessage } from './messages.js';

/** One connection of a client, and the one to the server behind it. They end together. */
export class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #faults: FaultSwitch;
  readonly #requests = new MessageSplitter();
  readonly #answers = new MessageSplitter();
  /** What becomes of the answers to these requests. */
  readonly #fates = new Map<number, Fault>();
  #hasSwallowed = false;
  /** Messages keep their order, also behind one that is held up. */
  #toServer: Promise<void> = Promise.resolve();
  #toClient: Promise<void> = Promise.resolve();

  constructor(client: Socket, server: Socket, faults: FaultSwitch) {
    this.#client = client;
    this.#server = server;
    this.#faults = faults;
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => this.destroy());
    }
    client.on('data', (chunk: Buffer) => {
      for (const message of this.#requests.push(chunk)) this.#toServer = this.#toServer.then(() => this.#send(message));
    });
    server.on('data', (chunk: Buffer) => {
      for (const message of this.#answers.push(chunk))
        this.#toClient = this.#toClient.then(() => this.#answer(message));
    });
  }

  destroy(): void {
    this.#client.destroy();
    this.#server.destroy();
  }

  /** TCP loses nothing in the middle: who was waiting for what was swallowed finds the connection broken, once there is a way again. */
  heal(): void {
    if (this.#hasSwallowed) this.destroy();
  }

  async #send(message: WireMessage): Promise<void> {
    const fault = this.#faults.strike(message.command);
    if (fault?.kind === 'black-hole' || fault?.kind === 'silence') return void (this.#hasSwallowed = true);
    if (fault?.kind === 'cut') return this.destroy();
    if (fault?.kind === 'delay') await delay(fault.ms, undefined, { ref: false });
    else if (fault) this.#fates.set(message.id, fault);
    if (this.#server.writable) this.#server.write(message.bytes);
  }

  async #answer({ bytes, answerTo }: WireMessage): Promise<void> {
    if (this.#faults.isSilent) return void (this.#hasSwallowed = true);
    const fate = this.#fates.get(answerTo);
    this.#fates.delete(answerTo);
    if (fate?.kind === 'cut-after') return this.destroy();
    const step = fate?.kind === 'trickle' ? fate.bytes : bytes.length;
    for (let at = 0; at < bytes.length && this.#client.writable; at += step) {
      this.#client.write(bytes.subarray(at, at + step));
      if (fate?.kind === 'trickle') await delay(fate.everyMs, undefined, { ref: false });
    }
  }
}
