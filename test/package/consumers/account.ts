// Sessions elsewhere than in a controller's parameter: guards, the user, a service without the request, and a job.
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  HttpCode,
  Injectable,
  Param,
  Post,
  UseGuards,
} from '@nestjs/common';
import {
  CurrentSession,
  MongoSessions,
  ReadonlySession,
  RequireSession,
  Session,
  type SessionObject,
  SessionUser,
} from 'nestjs-mongo-sessions';

export interface User {
  readonly name: string;
}

@Injectable()
export class VisitsService {
  constructor(
    private readonly current: CurrentSession,
    private readonly sessions: MongoSessions,
  ) {}

  count(): number {
    return this.current.session.visits ?? 0;
  }

  reset(handle: string): Promise<boolean> {
    return this.sessions.edit(handle, (session) => {
      session.visits = 0;
    });
  }
}

@Injectable()
export class VisitorGuard implements CanActivate {
  constructor(private readonly sessions: MongoSessions) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    return ((await this.sessions.from(context)).visits ?? 0) > 0;
  }
}

@Controller('account')
export class AccountController {
  constructor(private readonly service: VisitsService) {}

  @UseGuards(VisitorGuard)
  @Post('login')
  @HttpCode(200)
  async login(@Session() session: SessionObject): Promise<{ handle: string }> {
    await session.login('ada', { keep: ['visits'] });
    return { handle: session.handle };
  }

  @RequireSession({ user: true })
  @ReadonlySession()
  @Get()
  show(@SessionUser({ required: true }) user: User): { name: string; visits: number } {
    return { name: user.name, visits: this.service.count() };
  }

  @Post('reset/:handle')
  @HttpCode(200)
  async reset(@Param('handle') handle: string): Promise<{ isDone: boolean }> {
    return { isDone: await this.service.reset(handle) };
  }
}
