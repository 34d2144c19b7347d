import { ConfigurableModuleBuilder, type DynamicModule, type Provider } from '@nestjs/common';
import type { SessionOptions } from '../core/options/session-options.js';
import { DEFAULT_NAME } from './tokens.js';
import { MODULE_OPTIONS } from './internal-tokens.js';
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
      providers: [...(definition.providers ?? []).map(hideOptions), ...createProviders(extras)],
      exports: createExports(extras),
    }),
  )
  .build();

/**
 * The container holds a function that returns the options, so printing it prints no key and no
 * password.
 */
function hideOptions(provider: Provider): Provider {
  if (typeof provider === 'function' || provider.provide !== MODULE_OPTIONS) return provider;
  if ('useValue' in provider) return { ...provider, useValue: () => provider.useValue as unknown };
  if (!('useFactory' in provider)) return provider;
  const useFactory = async (...dependencies: unknown[]) => {
    const options: unknown = await provider.useFactory(...dependencies);
    return () => options;
  };
  return { ...provider, useFactory };
}
