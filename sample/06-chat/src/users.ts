import { type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

export interface User {
  login: string;
  name: string;
}

interface StoredUser extends User {
  salt: string;
  hash: string;
}

/**
 * DEMO USERS: their passwords stand here for everybody to try. An app of yours keeps its users, and only the hashes, in its database.
 *
 * - ada, with the password analytical-engine
 * - grace, with the password first-compiler
 */
const USERS: readonly StoredUser[] = [
  {
    login: 'ada',
    name: 'Ada Lovelace',
    salt: '9q5uKhJFOrDXwhb+ypDLIw==',
    hash: 'EmG67rcvXHJE6mqSejnqpx7rj+OxYneaykY7gMyL3ho=',
  },
  {
    login: 'grace',
    name: 'Grace Hopper',
    salt: '6QdKe0+uZo/fsEi0Vp1ElQ==',
    hash: 'vNV6Pn4beAlRGmxkc9mO5p0rgqiO3zDe2PLquFo/4gQ=',
  },
];

/** Nobody's: an unknown name costs as much time as a wrong password, so that answers don't tell who exists. */
const NO_USER = { salt: 'AAAAAAAAAAAAAAAAAAAAAA==', hash: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=' };

const HASH_BYTES = 32;
const MAX_PASSWORD_LENGTH = 256;
const COST: ScryptOptions = { N: 16_384, r: 8, p: 1 };

export function findUser(login: unknown): User | undefined {
  return USERS.find((candidate) => candidate.login === login);
}

/** The user of this name, if it is their password. */
export async function verifyPassword(login: unknown, password: unknown): Promise<User | undefined> {
  if (typeof login !== 'string' || typeof password !== 'string' || password.length > MAX_PASSWORD_LENGTH)
    return undefined;
  const user = USERS.find((candidate) => candidate.login === login);
  const { salt, hash } = user ?? NO_USER;
  const matches = timingSafeEqual(await hashPassword(password, salt), Buffer.from(hash, 'base64'));
  return user && matches ? user : undefined;
}

function hashPassword(password: string, salt: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, Buffer.from(salt, 'base64'), HASH_BYTES, COST, (error, hash) =>
      error ? reject(error) : resolve(hash),
    );
  });
}
