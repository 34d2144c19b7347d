import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendFailureResponse, sessionErrorOf, stackOf } from '../response/failure-response.js';
import { gateOf } from '../response/response-gate.js';
import type { HttpAdapter } from '../http-adapter.interface.js';
import type { LoadSessions } from '../session-loader.js';
import { claimSession } from '../request-sessions.js';

type Next = (error?: unknown) => void;

/** Express: the gate does it all, and gives failures to the app's error handling. */
export function mountOnExpress(adapter: HttpAdapter, open: LoadSessions): void {
  adapter.use((request: IncomingMessage, response: ServerResponse, next: Next) =>
    open(request, response, next, request),
  );
}

/** Behind main.ts and the body parsers: request.session is ours now, unless another library has it. */
export function completeOnExpress(adapter: HttpAdapter, hasDefault: boolean): void {
  if (hasDefault) return;
  adapter.use((request: IncomingMessage, _response: ServerResponse, next: Next) => {
    claimSession(request);
    next();
  });
  // Express knows an error handler by its four parameters. This one is for what the parsers have refused.
  adapter.use((error: unknown, request: IncomingMessage, _response: ServerResponse, next: Next) => {
    claimSession(request);
    next(error);
  });
}

/**
 * Behind all other error handlers. When they fail, by the failure of a session that they look at, say,
 * Express itself would respond with the stack.
 */
export function mountFinalErrorHandler(adapter: HttpAdapter, log: { error(message: string): void }): void {
  adapter.use((error: unknown, _request: IncomingMessage, response: ServerResponse, next: Next) => {
    const gate = gateOf(response);
    // Express would close the connection, on which a response waits that has been given.
    if (gate && response.writableEnded) return log.error(`An error came after the response: ${stackOf(error)}`);
    const ours = sessionErrorOf(error);
    if ((!ours && gate?.failure !== error) || response.headersSent) return next(error);
    if (ours?.httpStatus === 500) log.error(`An error handler failed: ${ours.message}`);
    sendFailureResponse(response, error);
  });
}
