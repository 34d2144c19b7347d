// A controller that hands its requests to graphql-sse.
import { All, Controller, Req, Res } from '@nestjs/common';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import type { Request, Response } from 'express';
import { createHandler } from 'graphql-sse/lib/use/express';

// <code block>
