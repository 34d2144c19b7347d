import { scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** DEMO USER: ada, with the password analytical-engine. An app of yours keeps its users, and only the hashes, in its database. */
const USERS: ReadonlyMap<string, { salt: string; hash: string }> = new Map([
  ['ada', { salt: '9q5uKhJFOrDXwhb+ypDLIw==', hash: 'EmG67rcvXHJE6mqSejnqpx7rj+OxYneaykY7gMyL3ho=' }],
]);

/** An unknown name costs as much time as a wrong password, so that responses don't tell who exists. */
const NO_USER = { salt: 'AAAAAAAAAAAAAAAAAAAAAA==', hash: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=' };

const HASH_BYTES = 32;
const MAX_PASSWORD_LENGTH = 256;

/** The user of this name, if it is their password. */
export async function verifyPassword(username: unknown, password: unknown): Promise<string | undefined> {
  if (typeof username !== 'string' || typeof password !== 'string' || password.length > MAX_PASSWORD_LENGTH)
    return undefined;
  const user = USERS.get(username);
  const { salt, hash } = user ?? NO_USER;
  const given = (await promisify(scrypt)(password, Buffer.from(salt, 'base64'), HASH_BYTES)) as Buffer;
  return timingSafeEqual(given, Buffer.from(hash, 'base64')) && user ? username : undefined;
}
