import { ConfigurableModuleBuilder, type DynamicModule } from '@nestjs/common';
import type { SessionOptions } from './core/options/session-options.js';
import { DEFAULT_NAME } from './mongo-sessions.constants.js';
import { MODULE_OPTIONS } from './mongo-sessions.internal-constants.js';
import { type RegistrationExtras, createExports, createProviders } from './mongo-sessions.providers.js';

/** A class for `useClass` and `useExisting` of `forRootAsync`. */
export interface SessionOptionsFactory {
  createSessionOptions(): Promise<SessionOptions> | SessionOptions;
}

export const { ConfigurableModuleClass, ASYNC_OPTIONS_TYPE } = new ConfigurableModuleBuilder<SessionOptions>({
  optionsInjectionToken: MODULE_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createSessionOptions')
  .setExtras<RegistrationExtras>(
    { name: DEFAULT_NAME, connectionName: undefined },
    (definition, extras): DynamicModule => ({
      ...definition,
      global: true,
      providers: [...(definition.providers ?? []), ...createProviders(extras)],
      exports: createExports(extras),
    }),
  )
  .build();
