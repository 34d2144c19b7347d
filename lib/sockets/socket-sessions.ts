import type { IncomingMessage } from 'node:http';
import type { Handshake } from '../core/request/detached-exchange.js';
import type { Registration } from '../core/request/registration.js';
import { type ErrorConversion, MessageSession } from './message-session.js';
import { SocketBinding } from './socket-binding.js';
import type { SocketConnection } from './socket-connection.js';
import { UnsavedMessages } from './unsaved-messages.js';

/** One registration's sessions on all sockets. */
export class SocketSessions {
  readonly #bindings = new WeakMap<object, SocketBinding>();
  /** By what stands for the message, which came by one connection. */
  readonly #messages = new WeakMap<object, MessageSession>();
  readonly #unsaved: UnsavedMessages;

  /** @param view sees a handshake as the platform's own proxy settings do */
  constructor(
    private readonly registration: Registration,
    private readonly view: (request: IncomingMessage, registration: Registration) => Handshake,
  ) {
    this.#unsaved = new UnsavedMessages(registration.context);
  }

  /**
   * The session of a connection, for the message that is handled.
   * @param handshake gives the request that has opened it; asked once
   * @param errors what the caller's framework makes of an error, and what has to be loaded for that
   * @param message stands for the message. Absent: each caller gets a session of its own
   */
  of(
    connection: SocketConnection,
    handshake: () => IncomingMessage,
    errors: ErrorConversion,
    message: object = {},
  ): MessageSession {
    const binding = this.#bindingOf(connection, handshake);
    const found = this.find(message);
    if (found?.binding === binding) return found;
    const session = new MessageSession(this.registration, binding, errors);
    this.#messages.set(message, session);
    this.#unsaved.add(session);
    return session;
  }

  /** The session of a message, if anybody has asked for it. */
  find(message: object): MessageSession | undefined {
    return this.#messages.get(message);
  }

  /** Whether somebody has asked for the session of this connection. */
  has({ key }: SocketConnection): boolean {
    return this.#bindings.has(key);
  }

  close(): void {
    this.#unsaved.close();
  }

  #bindingOf(connection: SocketConnection, handshake: () => IncomingMessage): SocketBinding {
    const found = this.#bindings.get(connection.key);
    if (found) return found;
    const binding = new SocketBinding(this.registration, connection, this.view(handshake(), this.registration));
    this.#bindings.set(connection.key, binding);
    return binding;
  }
}
