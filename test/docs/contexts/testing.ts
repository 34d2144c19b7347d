// A test file of an app with a shop.
import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { MongoSessionsModule } from 'nestjs-mongo-sessions';
import { expect, test } from 'vitest';

@Module({})
class ShopModule {}

// <code block>
