// A test file of an app, before its testing module is compiled.
import type { TestingModuleBuilder } from '@nestjs/testing';

declare const builder: TestingModuleBuilder;

// <code block>
