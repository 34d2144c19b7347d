import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Disguise } from './disguise.js';
import { declareGate } from './gate-of.js';
import { ResponsePatch } from './response-patch.js';

/** What Express sets on each request, whatever is there. */
interface ExpressRequest extends IncomingMessage {
  res?: ServerResponse;
  next?: unknown;
  baseUrl?: unknown;
  originalUrl?: unknown;
  params?: unknown;
  route?: unknown;
  _parsedUrl?: unknown;
}

interface ExpressResponse extends ServerResponse {
  locals?: unknown;
}

/**
 * Express gives request and response another prototype each. From then on every property that is added makes V8 (of Node 20 and 22) describe
 * the whole object anew: ten of them cost more than half as much as all the rest of a small answer. So the properties are there before
 * Express gets hold of the request, and are only set later. Those that Express itself adds too, which is why it gets quicker
 * than it is by itself.
 *
 * Nothing depends on it: where a request comes on another way (serverless adapters, servers of the app's own), it is only slower.
 */
export function declareShapes(server: unknown): void {
  const emitter = server as EventEmitter | undefined;
  if (typeof emitter?.prependListener !== 'function' || emitter.listeners('request').includes(declare)) return;
  emitter.prependListener('request', declare);
}

function declare(request: ExpressRequest, response: ExpressResponse): void {
  declareGate(response);
  ResponsePatch.putOn(response);
  Disguise.putOn(response);
  request.res = response;
  request.next = undefined;
  request.baseUrl = undefined;
  request.originalUrl = undefined;
  request.params = undefined;
  request.route = undefined;
  request._parsedUrl = undefined;
  response.locals = undefined;
}
