// The main.ts of an app, once the app is created.
import type { INestApplication } from '@nestjs/common';

declare const app: INestApplication;

// <code block>
