import { SessionError } from '../errors.js';
import { cleanText } from '../data/clean-text.js';
import type { BsonCodec } from '../data/session-codec.interface.js';
import type { HttpExchange } from '../token/http-exchange.interface.js';
import { cleanAddress } from './ip-address.js';

/** What is known of the device that a session was last used on. */
export interface SessionDevice {
  /** An address, or with `ip: 'prefix'` its network: `192.0.2.0/24`. */
  readonly ip?: string;
  readonly userAgent?: string;
  /** The name that the user or the app has given it. */
  readonly label?: string;
}

/** Which of it is noted: see `DeviceOptions`. */
export interface DeviceSettings {
  readonly ip: 'full' | 'prefix' | false;
  readonly userAgent: boolean;
}

/** The request that a device sends. */
export type DeviceRequest = Pick<HttpExchange, 'remoteAddress' | 'userAgent'>;

const MAX_USER_AGENT_CHARACTERS = 256;
const MAX_LABEL_CHARACTERS = 100;

/** What a request tells of its device. */
export function readDevice({ ip, userAgent }: DeviceSettings, request: DeviceRequest): SessionDevice {
  const address = ip && cleanAddress(request.remoteAddress, ip);
  const agent = userAgent && cleanText(request.userAgent ?? '', MAX_USER_AGENT_CHARACTERS);
  return { ...(address && { ip: address }), ...(agent && { userAgent: agent }) };
}

/** A label as it is stored; undefined if nothing is left of it. */
export function checkLabel(label: unknown): string | undefined {
  if (typeof label === 'string') return cleanText(label, MAX_LABEL_CHARACTERS);
  throw new SessionError(
    'SESSION_VALUE_REFUSED',
    'A label is no text. Give a text, such as the name that the user has chosen for the device.',
  );
}

/** As stores keep it: see `StoredSession.device`. */
export function encodeDevice(codec: BsonCodec, { ip, userAgent, label }: SessionDevice): Uint8Array {
  return codec.serialize({ ip, userAgent, label });
}

/**
 * What may be told of a stored device: nothing that the settings leave out, and nothing that is not
 * a text.
 */
export function decodeDevice(
  codec: BsonCodec,
  settings: DeviceSettings | undefined,
  bytes: Uint8Array | undefined,
): SessionDevice | undefined {
  if (!settings || !bytes) return undefined;
  const stored = decodeOrNone(codec, bytes);
  const names = [...(settings.ip ? ['ip'] : []), ...(settings.userAgent ? ['userAgent'] : []), 'label'];
  const known = names.filter((name) => typeof stored[name] === 'string');
  if (known.length === 0) return undefined;
  const device: { ip?: string } & SessionDevice = Object.fromEntries(known.map((name) => [name, stored[name]]));
  // It may have been noted in full before the option said less.
  if (settings.ip === 'prefix' && device.ip) device.ip = cleanAddress(device.ip, 'prefix') ?? device.ip;
  return device;
}

/** Another program may have written what can't be decoded. */
function decodeOrNone(codec: BsonCodec, bytes: Uint8Array): Record<string, unknown> {
  try {
    return codec.deserialize(bytes);
  } catch {
    return {};
  }
}

/**
 * What has to be written where a session is used by this request: the elements that are different,
 * and null for one that is absent now. A connection that is gone has no address, which changes
 * nothing.
 */
export function deviceChanges(
  codec: BsonCodec,
  settings: DeviceSettings,
  bytes: Uint8Array | undefined,
  request: DeviceRequest,
): Uint8Array | undefined {
  const known: { ip?: unknown; userAgent?: unknown } = bytes ? decodeOrNone(codec, bytes) : {};
  const now = readDevice(settings, request);
  const changes = {
    ...(now.ip !== undefined && now.ip !== known.ip && { ip: now.ip }),
    ...(settings.userAgent && now.userAgent !== (known.userAgent ?? undefined) && { userAgent: now.userAgent ?? null }),
  };
  return Object.keys(changes).length > 0 ? codec.serialize(changes) : undefined;
}
