import { EMPTY_DOCUMENT, joinElements, readElements } from '../data/bson-elements.js';
import { SessionError } from '../errors.js';
import type { SessionHandle } from '../token/session-token.js';
import { KeySource, type KeySourceOptions } from './key-source.js';
import type { ResolvedEncryption } from './resolve-encryption.js';
import { openDocument, sealDocument, type Sealing } from './sealed-document.js';

export interface SessionSealerOptions extends KeySourceOptions {
  readonly encryption: ResolvedEncryption;
  /** Names of registration and collection: a value can't be decrypted in another one. */
  readonly context: string;
}

/** Devices belong to the session, whatever its login. No login has this epoch. */
const DEVICE_EPOCH = -1;

/** Encrypts and decrypts the content of one session with the current keys. */
export class SessionSealer {
  readonly #keys: KeySource;
  readonly #options: SessionSealerOptions;

  constructor(options: SessionSealerOptions) {
    this.#keys = new KeySource(options.encryption, options);
    this.#options = options;
  }

  /** Rejects as long as there are no keys. */
  async ready(): Promise<void> {
    await this.#keys.current();
  }

  async sealing({ handle, epoch }: { handle: SessionHandle; epoch: number }): Promise<Sealing> {
    const { context, encryption } = this.#options;
    return { ring: await this.#keys.current(), hideKeyNames: encryption.hideKeyNames, context, handle, epoch };
  }

  /** What the current keys can't decrypt, the keys that the provider is being asked for may. */
  async open<T>(session: { handle: SessionHandle; epoch: number }, open: (sealing: Sealing) => T): Promise<T> {
    const sealing = await this.sealing(session);
    try {
      return open(sealing);
    } catch (error) {
      const ring = await this.#keys.upcoming();
      if (!ring || ring === sealing.ring) throw error;
      return open({ ...sealing, ring });
    }
  }

  /** Encrypts `device`, each element by itself. */
  async sealDevice<T extends { readonly device?: Uint8Array }>(handle: SessionHandle, given: T): Promise<T> {
    if (!given.device) return given;
    return { ...given, device: await this.sealElements(handle, given.device) };
  }

  async sealElements(handle: SessionHandle, device: Uint8Array): Promise<Uint8Array> {
    const sealing = await this.sealing({ handle, epoch: DEVICE_EPOCH });
    return sealDocument({ ...sealing, hideKeyNames: false }, device);
  }

  /**
   * Decrypts `device`. Leaves out elements that can't be decrypted, because no request needs them.
   */
  async openDevice<T extends { readonly handle: SessionHandle; readonly device?: Uint8Array }>(session: T): Promise<T> {
    const { handle, device } = session;
    if (!device) return session;
    const opened = Array.from(readElements(device).values(), (element) =>
      this.open({ handle, epoch: DEVICE_EPOCH }, (sealing) => openDocument(sealing, joinElements([element]))).catch(
        noneIfUndecodable,
      ),
    );
    const elements = (await Promise.all(opened)).flatMap((document) => [...readElements(document).values()]);
    return { ...session, device: joinElements(elements) };
  }
}

function noneIfUndecodable(error: unknown): Uint8Array {
  if (error instanceof SessionError && error.code === 'SESSION_UNDECODABLE') return EMPTY_DOCUMENT;
  throw error;
}
