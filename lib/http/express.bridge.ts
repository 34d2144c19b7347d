import type { IncomingMessage, ServerResponse } from 'node:http';
import { declareShapes } from './express-shape.js';
import { replyWithFailure } from './failure-reply.js';
import { gateOf } from './gate-of.js';
import type { HttpAdapter, SessionMiddleware } from './http-adapter.interface.js';

/** Express: the gate does it all, and gives failures to the app's error handling. */
export function mountOnExpress(adapter: HttpAdapter, middleware: SessionMiddleware, isFirst: boolean): void {
  if (isFirst) {
    declareShapes(adapter.getHttpServer?.());
    adapter.use(lastWordOf(adapter));
  }
  adapter.use(middleware);
}

/**
 * When the answer of an error handler fails, there is no such handler behind it, and Express itself would answer with the
 * stack. So one is put behind all others: with the first request, for by then these are in their places.
 */
function lastWordOf(adapter: HttpAdapter): SessionMiddleware {
  let isMounted = false;
  return (_request, _response, next) => {
    if (!isMounted) {
      isMounted = true;
      adapter.use(answerFailure);
    }
    next();
  };
}

// Express knows an error handler by its four parameters.
function answerFailure(
  error: unknown,
  _request: IncomingMessage,
  response: ServerResponse,
  next: (error: unknown) => void,
): void {
  if (gateOf(response)?.failure === error && !response.headersSent) replyWithFailure(response, error);
  else next(error);
}
