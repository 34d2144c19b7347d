import { booleanAt, objectAt, oneOf, refuseUnknown, withDefaults } from '../option-checks.js';
import type { DeviceSettings } from '../session/device.js';
import { DeviceOptions } from './device-options.js';

export function resolveDevices(given: boolean | DeviceOptions | undefined): DeviceSettings | undefined {
  if (given === false) return undefined;
  const defaults = new DeviceOptions();
  const devices = withDefaults(defaults, given === true ? {} : objectAt('devices', given));
  refuseUnknown('devices.', devices, Object.keys(defaults));
  const ip = oneOf('devices.ip', devices.ip, ['full', 'prefix', false] as const);
  return Object.freeze({ ip, userAgent: booleanAt('devices.userAgent', devices.userAgent) });
}
