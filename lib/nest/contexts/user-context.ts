import type { ExecutionContext } from '@nestjs/common';

declare module '../../core/options/user-loader.js' {
  interface UserContext extends ExecutionContext {}
}
