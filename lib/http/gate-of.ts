import type { ServerResponse } from 'node:http';
import type { GateHooks } from './gate-hooks.interface.js';
import { ResponseGate } from './response-gate.js';
import { makeRoom } from './room.js';

const GATE = Symbol('nestjs-mongo-sessions.gate');

interface Guardable {
  [GATE]?: ResponseGate;
}

/**
 * One a response, for all sessions on it; undefined as long as none of them can have anything to write. On the response itself:
 * with a WeakMap, whose keys its values hold, garbage collection takes ten times as long.
 */
export function gateOf(response: ServerResponse): ResponseGate | undefined {
  return (response as Guardable)[GATE];
}

export function createGate(response: ServerResponse, hooks: GateHooks): ResponseGate {
  return ((response as Guardable)[GATE] = new ResponseGate(response, hooks));
}

/** Makes room for a gate that may come. */
export function declareGate(response: ServerResponse): void {
  makeRoom(response, GATE);
}
