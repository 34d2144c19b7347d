// What an app tells @fastify/passport: its strategies, and how users go into sessions.
import fastifyPassport from '@fastify/passport';
import { Strategy } from 'passport-local';

export interface User {
  readonly id: string;
  readonly name: string;
}

const USERS: readonly User[] = [{ id: 'ada', name: 'Ada' }];

fastifyPassport.use(
  'local',
  new Strategy((id, password, done) => {
    const user = USERS.find((each) => each.id === id && password === 'analytical-engine');
    done(null, user ?? false);
  }),
);
fastifyPassport.registerUserSerializer(async (user: User) => user.id);
fastifyPassport.registerUserDeserializer(async (id: string) => USERS.find((user) => user.id === id) ?? null);
