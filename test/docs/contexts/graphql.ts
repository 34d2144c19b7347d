// The imports of an app with GraphQL.
import { HttpException } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import mercurius from 'mercurius';

// <code block>

export { HttpException, mercurius };
