// @Session() in a controller: an unknown key does not compile.
import { Controller, Get, ParseIntPipe } from '@nestjs/common';
import { Session, type SessionObject, type SessionDecorator, type SessionTarget } from '../../lib/index.js';
import { expectTypeOf } from 'vitest';
import type { Item } from './augmented.js';

interface Admin {
  rights: string[];
}

@Controller()
export class TypedController {
  @Get('whole')
  whole(@Session() session: SessionObject, @Session(ParseIntPipe, new ParseIntPipe()) piped: SessionObject) {
    expectTypeOf(session.typedCart).toEqualTypeOf<Item[] | undefined>();
    return piped;
  }

  @Get('keys')
  keys(
    @Session('typedCart') cart: Item[] = [],
    @Session('typedVisits', ParseIntPipe) visits?: number,
    @Session<Admin>('rights') rights?: string[],
    @Session<Admin>('rights', ParseIntPipe) piped?: string[],
  ) {
    return [cart, visits, rights, piped];
  }

  @Get('registrations')
  registrations(
    @Session({ name: 'admin' }) admin: SessionObject<Admin>,
    @Session<Admin>({ name: 'admin', key: 'rights' }) rights: string[],
    @Session({ key: 'typedCart' }, ParseIntPipe) cart: Item[],
  ) {
    return [admin.rights, rights, cart];
  }

  @Get('wrong')
  wrong(
    // @ts-expect-error TS2769 a key that nobody has declared
    @Session('unknown') a: unknown,
    // @ts-expect-error TS2769 a slip of the pen
    @Session('typedCrat') b: unknown,
    // @ts-expect-error TS2769 a key of other sessions
    @Session<Admin>('typedCart') c: unknown,
    // @ts-expect-error TS2769 a key that nobody has declared, of a registration
    @Session({ name: 'admin', key: 'unknown' }) d: unknown,
    // @ts-expect-error TS2769 no such setting
    @Session({ nmae: 'admin' }) e: unknown,
    // @ts-expect-error TS2769 a name of a member
    @Session('destroy') f: unknown,
    // @ts-expect-error TS2769 no pipe
    @Session('typedCart', 'typedVisits') g: unknown,
  ) {
    return [a, b, c, d, e, f, g];
  }
}

expectTypeOf(Session).toEqualTypeOf<SessionDecorator>();
expectTypeOf<SessionTarget['key']>().toEqualTypeOf<'typedCart' | 'typedVisits' | 'typedUser' | undefined>();
