// The floor of the peer range is checked at start, for a package manager only warns.
import mongoose from 'mongoose';
import { describe, expect, test } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { refuseOldMongoose } from '../../../lib/mongo/connection/connection-source.js';

describe('B24: refuseOldMongoose()', () => {
  test.each(['6.13.8', '7.8.6', '8.0.0', '8.3.5', '8.9.7'])('refuses mongoose %s, with the fix', (version) => {
    const refused = expect.objectContaining({ code: 'SESSION_OPTION_INVALID' }) as Error;
    expect(() => refuseOldMongoose(version)).toThrow(refused);
    expect(() => refuseOldMongoose(version)).toThrow(/8\.10 or newer.*npm install/);
  });

  test.each(['8.10.0', '8.24.10', '9.0.0', '10.0.0', mongoose.version])('takes mongoose %s', (version) => {
    expect(() => refuseOldMongoose(version)).not.toThrow();
  });

  test('agrees with the peer range', () => {
    expect(manifest.peerDependencies.mongoose).toBe('^8.10.0 || ^9.0.0');
  });
});
