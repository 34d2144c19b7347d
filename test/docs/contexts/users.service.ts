// The users of an app, in memory: what the documents' controllers ask for.
import { Injectable } from '@nestjs/common';

@Injectable()
export class Users {
  readonly #passwords = new Map([['ada', 'analytical-engine']]);

  async verify(name: string, password: string): Promise<{ id: string } | undefined> {
    return this.#passwords.get(name) === password ? { id: name } : undefined;
  }

  async setPassword(id: unknown, password: string): Promise<void> {
    this.#passwords.set(String(id), password);
  }
}
