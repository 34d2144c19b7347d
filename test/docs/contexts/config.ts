// A module's file in an app with @nestjs/config, which this repository does not install.
import { MongoSessionsModule } from 'nestjs-mongo-sessions';

declare class ConfigService {
  getOrThrow(name: string): string;
}

// <code block>
