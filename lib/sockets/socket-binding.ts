import { SessionError } from '../core/errors.js';
import type { EndListener, SessionEnd } from '../core/lifecycle/session-ends.js';
import { messageOf } from '../core/lifecycle/session-context.js';
import type { Handshake } from '../core/request/detached-exchange.js';
import { readHandshakeTokens } from '../core/request/handshake-tokens.js';
import type { Registration } from '../core/request/registration.js';
import { SessionState } from '../core/session/session-state.js';
import type { SessionHandle } from '../core/token/session-token.js';
import type { SocketConnection } from './socket-connection.js';

/** The session that a connection has. No secret: the token was needed once. */
interface Bound {
  readonly handle: SessionHandle;
  readonly epoch: number;
  /** As it was read with the token, for the message that has asked first. */
  state?: SessionState | undefined;
}

/**
 * One registration's session on one connection: bound at the handshake, read again for each
 * message, and gone when it ends, which closes the connection.
 */
export class SocketBinding implements EndListener {
  #binding: Promise<Bound | undefined> | Bound | undefined;
  #endedBy: SessionEnd['why'] | undefined;
  #stopWatching: (() => void) | undefined;

  constructor(
    private readonly registration: Registration,
    private readonly connection: SocketConnection,
    public handshake: Handshake,
  ) {}

  /**
   * The session as the store has it now; a blank one if the handshake had none. Rejects with
   * `SESSION_ENDED` if it goes on no longer, or as the store does.
   */
  async open(arrivedAt: number): Promise<SessionState> {
    const isFirst = this.#binding === undefined;
    const bound = await (this.#binding ??= this.#bind(arrivedAt));
    if (!bound) return new SessionState(arrivedAt);
    this.#binding = bound;
    const { state } = bound;
    if (isFirst) bound.state = undefined;
    if (this.#endedBy) throw endedError();
    return isFirst && state ? state : this.#read(bound, arrivedAt);
  }

  /** If the store can't be read, the next message tries again. */
  async #bind(arrivedAt: number): Promise<Bound | undefined> {
    try {
      const { manager } = this.registration;
      const tokens = readHandshakeTokens(this.registration, this.handshake);
      const { remoteAddress } = this.handshake;
      const state = tokens.length > 0 ? await manager.load(tokens, remoteAddress, arrivedAt) : undefined;
      this.handshake = withoutToken(this.handshake, this.registration.options.devices !== undefined);
      if (!state) return undefined;
      state.forgetToken();
      this.#watch(state);
      return { handle: state.token.handle, epoch: state.epoch, state };
    } catch (error) {
      this.#binding = undefined;
      throw error;
    }
  }

  /**
   * The epoch is that of the handshake: what a login has made of the session is not for this
   * connection.
   */
  async #read({ handle, epoch }: Bound, arrivedAt: number): Promise<SessionState> {
    const opened = await this.registration.manager.open(handle, arrivedAt, epoch);
    if (typeof opened !== 'string') return opened;
    this.#end(opened);
    throw endedError();
  }

  /** An end since the session was read is found by the first look of the watch. */
  #watch(state: SessionState): void {
    const { context, options } = this.registration;
    if (!options.sockets.close || !this.connection.isOpen) return;
    if (!context.ends.isWatchable) context.warnOnce(ONLY_HERE);
    const subscribe = context.ends.watch(state, 'here');
    this.#stopWatching = subscribe(this);
    this.connection.onClosed(this.#stopWatching);
  }

  ended({ why }: SessionEnd): void {
    this.#end(why);
  }

  /** The app closes, and its sockets with it. */
  closed(): void {}

  #end(why: SessionEnd['why']): void {
    if (this.#endedBy) return;
    this.#endedBy = why;
    this.#stopWatching?.();
    if (!this.registration.options.sockets.close) return;
    // Not in the middle of somebody's request, and a message that has ended its own session is
    // answered first.
    setImmediate(() => {
      try {
        this.connection.close(why);
      } catch (error) {
        this.registration.hooks.log.error(`A socket could not be closed: ${messageOf(error)}`);
      }
    });
  }
}

/**
 * What a message needs of it, and no secret. It is kept as long as the socket is open.
 * @param notesDevice whether a use of the session notes what it came from
 */
function withoutToken({ secure, remoteAddress, headers }: Handshake, notesDevice: boolean): Handshake {
  const forgotten = { headers: {}, secure, remoteAddress: undefined, host: undefined, isForgotten: true };
  return notesDevice ? { ...forgotten, remoteAddress, headers: { 'user-agent': headers['user-agent'] } } : forgotten;
}

const ONLY_HERE =
  'Sockets are closed only when their session ends in this process, because the store can not be watched. ' +
  'Add peek() to it (WatchableStore), or set `sockets.close` to false.';

function endedError(): SessionError {
  return new SessionError(
    'SESSION_ENDED',
    'The session that this socket was opened with has ended, or goes on with another token. Let the client connect again.',
  );
}
