import type { BsonCodec } from '../data/session-codec.interface.js';
import { AtomicValues } from '../lifecycle/atomic-values.js';
import { ExpirySweeper } from '../lifecycle/expiry-sweeper.js';
import { SessionCommitter } from '../lifecycle/session-committer.js';
import { SessionContext, type SessionHooks } from '../lifecycle/session-context.js';
import { type LoginProtocol, WRITE_ONLY } from '../lifecycle/login-protocol.interface.js';
import { SecretWriter } from '../lifecycle/secret-writer.js';
import { SessionLogins } from '../lifecycle/session-logins.js';
import type { SessionMover } from '../lifecycle/session-mover.interface.js';
import { SessionManager } from '../lifecycle/session-manager.js';
import type { ResolvedOptions } from '../options/resolved-options.interface.js';
import { requirePort } from '../store/store-ports.js';
import type { SessionStore } from '../store/session-store.interface.js';
import { TokenTransport } from '../token/token-transport.js';

/** What all requests of one registration share. */
export class Registration {
  readonly context: SessionContext;
  readonly manager: SessionManager;
  readonly logins: SessionLogins;
  readonly committer: SessionCommitter;
  readonly values: AtomicValues;
  readonly transport: TokenTransport;
  /** With `movingIn` only. */
  readonly mover: SessionMover | undefined;
  /** With `cleanup: 'sweep'` only. */
  readonly sweeper: ExpirySweeper | undefined;

  constructor(
    readonly options: ResolvedOptions,
    store: SessionStore,
    codec: BsonCodec,
    readonly hooks: SessionHooks,
    createProtocol: (context: SessionContext) => LoginProtocol = () => WRITE_ONLY,
    createMover?: (context: SessionContext, protocol: LoginProtocol) => SessionMover | undefined,
  ) {
    this.context = new SessionContext(options, store, codec, hooks);
    this.committer = new SessionCommitter(this.context);
    const secrets = new SecretWriter(this.context, this.committer);
    this.manager = new SessionManager(this.context, secrets);
    const protocol = createProtocol(this.context);
    this.logins = new SessionLogins(this.context, secrets, protocol);
    this.mover = createMover?.(this.context, protocol);
    this.values = new AtomicValues(this.context);
    this.transport = new TokenTransport(options, (message) => this.context.warnOnce(message));
    this.sweeper = options.cleanup === 'sweep' ? new ExpirySweeper(this.context) : undefined;
    if (options.devices) requirePort(store, 'UserSessionStore', 'The option `devices`');
    if (options.sockets.mustClose) requirePort(store, 'WatchableStore', 'The option `sockets.close`');
    if (options.watch.changeStream) requirePort(store, 'WatchableStore', 'The option `watch.changeStream`');
  }
}
