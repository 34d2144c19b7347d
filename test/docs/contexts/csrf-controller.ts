// A controller of an app with csrf-csrf.
import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Session, type SessionObject } from 'nestjs-mongo-sessions';

declare function generateCsrfToken(request: Request, response: Response): string;

@Controller()
export class FormController {
  // <code block>
}
