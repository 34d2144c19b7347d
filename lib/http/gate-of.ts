import type { ServerResponse } from 'node:http';
import { type GateHooks, ResponseGate } from './response-gate.js';

/** On the response itself, and not to be enumerated: with a WeakMap, whose keys its values hold, garbage collection takes ten times as long. */
const GATE = Symbol('nestjs-mongo-sessions.gate');

/** One a response, for all sessions on it; undefined as long as none of them can have anything to write. */
export function gateOf(response: ServerResponse): ResponseGate | undefined {
  return (response as { [GATE]?: ResponseGate })[GATE];
}

export function createGate(response: ServerResponse, hooks: GateHooks): ResponseGate {
  const gate = new ResponseGate(response, hooks);
  Object.defineProperty(response, GATE, { value: gate });
  return gate;
}
