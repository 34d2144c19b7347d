import { Args, Field, Mutation, ObjectType, Query, Resolver } from '@nestjs/graphql';
import { GraphQLError } from 'graphql';
import { Session, type SessionObject, SessionUser } from 'nestjs-mongo-sessions';
import './session-data.js';
import { type User, verifyPassword } from './users.js';

/** What clients may see of a user. */
@ObjectType('User')
export class UserType {
  @Field()
  name!: string;
}

@Resolver()
export class AccountResolver {
  /** Null for a visitor. */
  @Query(() => UserType, { nullable: true })
  me(@SessionUser() user: User | undefined): UserType | undefined {
    return user;
  }

  /** A new token for the browser. Open sockets of the old one are closed, and come back with the new one. */
  @Mutation(() => UserType)
  async login(
    @Session() session: SessionObject,
    @Args('username') username: string,
    @Args('password') password: string,
  ): Promise<UserType> {
    const user = await verifyPassword(username, password);
    if (!user) throw new GraphQLError('Wrong name or password.', { extensions: { code: 'WRONG_PASSWORD' } });
    await session.login(user.login, { keep: ['cart'] });
    return user;
  }

  /** Ends the session, and closes its sockets for good. */
  @Mutation(() => Boolean)
  async logout(@Session() session: SessionObject): Promise<boolean> {
    await session.logout();
    return true;
  }
}
