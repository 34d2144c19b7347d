import type { StoredUser } from './seat-store.interface.js';
import { userKeyOf } from './user-key.js';

/** The users of a `MemorySessionStore`. */
export class MemoryUsers {
  readonly #users = new Map<string, StoredUser>();

  find(userId: unknown): StoredUser | undefined {
    return this.#users.get(userKeyOf(userId));
  }

  insert(user: StoredUser): boolean {
    const key = userKeyOf(user.userId);
    if (this.#users.has(key)) return false;
    this.#users.set(key, user);
    return true;
  }

  change(user: StoredUser, revision: string): boolean {
    const key = userKeyOf(user.userId);
    if (this.#users.get(key)?.revision !== revision) return false;
    this.#users.set(key, user);
    return true;
  }

  clear(): void {
    this.#users.clear();
  }
}
