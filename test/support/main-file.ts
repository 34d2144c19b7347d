// Runs a main.ts out of the docs, word for word, but for its imports, and its port: 0 of 127.0.0.1.
import { type INestApplication, Module, type ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import ts from 'typescript';
import { onTestFinished } from 'vitest';
import * as library from '../../lib/index.js';
import { TestLog } from './http.js';

export interface StartedMain {
  readonly nest: INestApplication;
  readonly log: TestLog;
  readonly origin: string;
}

/** The names that the code of the docs may use besides those of this library. */
export interface Scope {
  readonly [name: string]: unknown;
}

/** Starts the app of a main.ts whose `AppModule` is made of these parts. It is closed when the test is over. */
export async function runMain(text: string, parts: ModuleMetadata, scope: Scope = {}): Promise<StartedMain> {
  @Module(parts)
  class AppModule {}
  const log = new TestLog();
  let nest: INestApplication | undefined;
  let listening: Promise<unknown> | undefined;
  const create = async (module: object, ...args: object[]) => {
    const settings = { logger: log, abortOnError: false };
    nest = await NestFactory.create(module as never, ...([...args.slice(0, 1), settings] as [never]));
    const listen = () => (listening ??= nest!.listen(0, '127.0.0.1'));
    return new Proxy(nest, {
      get: (target, name) => (name === 'listen' ? listen : (Reflect.get(target, name) as unknown)),
    });
  };
  onTestFinished(() => nest?.close());
  await evaluate(text, { NestFactory: { create }, AppModule, FastifyAdapter, ...scope });
  if (!nest) throw new Error('this main.ts makes no app');
  await (listening ?? nest.listen(0, '127.0.0.1'));
  return { nest, log, origin: (await nest.getUrl()).replace('localhost', '127.0.0.1') };
}

/** The value of an expression in the docs. */
export function evaluateExpression(text: string, scope: Scope = {}): Promise<unknown> {
  return evaluate(`return (${withoutImports(text).trim().replace(/;$/, '')});`, scope);
}

/** The class that a block of the docs declares. */
export function evaluateClass(text: string, scope: Scope = {}): Promise<unknown> {
  const [, name] = /class (\w+)/.exec(text)!;
  return evaluate(`${withoutImports(text).replaceAll(/^export /gm, '')}\nreturn ${name};`, scope);
}

const compilerOptions = { target: ts.ScriptTarget.ES2022, experimentalDecorators: true };

function withoutImports(text: string): string {
  return text.replaceAll(/^import .*?;$/gms, '');
}

function evaluate(text: string, scope: Scope): Promise<unknown> {
  const names = { ...library, ...scope };
  // Within a function, for TypeScript takes `return` and `await` nowhere else.
  const wrapped = `async function main() {\n${withoutImports(text)}\n}`;
  const { outputText } = ts.transpileModule(wrapped, { compilerOptions });
  // oxlint-disable-next-line no-implied-eval -- the code of our own docs
  const run = new Function(...Object.keys(names), `${outputText}\nreturn main();`) as (
    ...args: unknown[]
  ) => Promise<unknown>;
  return run(...Object.values(names));
}
