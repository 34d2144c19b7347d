// A module's file in an app whose keys are in a vault.
import { MongoSessionsModule } from 'nestjs-mongo-sessions';

declare const vault: { read(name: string): Promise<string> };

// <code block>
