import type { IncomingMessage, ServerResponse } from 'node:http';
import { enterRequest } from '../ambient.js';
import { sendFailureResponse, sessionErrorOf, stackOf } from '../response/failure-response.js';
import { gateOf } from '../response/response-gate.js';
import type { HttpAdapter } from '../http-adapter.interface.js';
import type { LoadSessions } from '../session-loader.js';
import type { SessionProperties } from '../session-properties.interface.js';
import { claimSession } from '../session-property.js';

type Next = (error?: unknown) => void;

/** On Express the gate does everything, and passes failures to the app's error handling. */
export function mountOnExpress(adapter: HttpAdapter, open: LoadSessions): void {
  adapter.use((request: IncomingMessage, response: ServerResponse, next: Next) =>
    open(request, response, next, request),
  );
}

/** Middleware of main.ts that calls back from another async context loses the request's. */
export function enterAgainOnExpress(adapter: HttpAdapter): void {
  adapter.use((request: IncomingMessage, response: ServerResponse, next: Next) =>
    enterRequest(request, response, next),
  );
}

/**
 * After main.ts and the body parsers, request.session is ours, unless another library has it.
 * @param properties undefined: it was from the start, or is not to be
 */
export function completeOnExpress(adapter: HttpAdapter, properties: SessionProperties | undefined): void {
  if (!properties) return;
  adapter.use((request: IncomingMessage, _response: ServerResponse, next: Next) => {
    claimSession(request, properties);
    next();
  });
  // Express recognises an error handler by its four parameters. This one handles what the parsers
  // have refused.
  adapter.use((error: unknown, request: IncomingMessage, _response: ServerResponse, next: Next) => {
    claimSession(request, properties);
    next(error);
  });
}

/**
 * After all other error handlers. If they fail, for example because they read the session that has
 * failed, Express itself would respond with the stack.
 */
export function mountFinalErrorHandler(adapter: HttpAdapter, log: { error(message: string): void }): void {
  adapter.use((error: unknown, _request: IncomingMessage, response: ServerResponse, next: Next) => {
    const gate = gateOf(response);
    // Express would close the connection, although a response waits on it.
    if (gate && response.writableEnded) return log.error(`An error came after the response: ${stackOf(error)}`);
    const ours = sessionErrorOf(error);
    if ((!ours && gate?.failure !== error) || response.headersSent) return next(error);
    if (ours?.httpStatus === 500) log.error(`An error handler failed: ${ours.message}`);
    sendFailureResponse(response, error);
  });
}
