import type { mongo } from 'mongoose';
import type { TokenRenewal } from '../../core/token/renewal.js';
import type { RotationDocument } from './session-document.interface.js';

type Decoded = Record<string, unknown>;

export function toRotationDocument(
  { revision, issuedAt, next, previous, older }: TokenRenewal,
  { Binary }: typeof mongo,
): RotationDocument {
  return {
    revision,
    issuedAt: new Date(issuedAt),
    ...(next && {
      next: {
        secretHash: new Binary(next.secretHash),
        nonce: new Binary(next.nonce),
        offeredAt: new Date(next.offeredAt),
        sentAt: new Date(next.sentAt),
      },
    }),
    ...(previous && { previous: { secretHash: new Binary(previous.secretHash), until: new Date(previous.until) } }),
    ...(older && { older: new Binary(older) }),
  };
}

/**
 * Reads the renewal of a decoded document; undefined if it can't be one of ours, which counts as
 * never renewed.
 */
export function readRotation(decoded: Decoded): TokenRenewal | undefined {
  const { next, previous, older } = decoded as { next?: Decoded; previous?: Decoded; older?: unknown };
  const revision = Number(decoded['revision']);
  const issuedAt = timeOf(decoded['issuedAt']);
  if (!Number.isSafeInteger(revision) || Number.isNaN(issuedAt)) return undefined;
  return {
    revision,
    issuedAt,
    ...(next && {
      next: {
        secretHash: bytesOf(next['secretHash']),
        nonce: bytesOf(next['nonce']),
        offeredAt: timeOf(next['offeredAt']),
        sentAt: timeOf(next['sentAt']),
      },
    }),
    ...(previous && { previous: { secretHash: bytesOf(previous['secretHash']), until: timeOf(previous['until']) } }),
    ...(older !== undefined && { older: bytesOf(older) }),
  };
}

function timeOf(value: unknown): number {
  return value instanceof Date ? value.getTime() : NaN;
}

/** Empty if it is no binary value: a hash of that length opens nothing. */
export function bytesOf(value: unknown): Uint8Array {
  const { _bsontype, buffer, position } = (value ?? {}) as Partial<mongo.Binary>;
  return _bsontype === 'Binary' ? buffer!.subarray(0, position) : new Uint8Array();
}
