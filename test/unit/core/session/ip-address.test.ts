// Addresses as they are stored with the option `devices`.
import { describe, expect, test } from 'vitest';
import { cleanAddress } from '../../../../lib/core/session/ip-address.js';

describe('cleanAddress()', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7', '192.0.2.0/24'],
    ['255.255.255.255', '255.255.255.255', '255.255.255.0/24'],
    ['::ffff:192.0.2.7', '192.0.2.7', '192.0.2.0/24'],
    ['::FFFF:c000:207', '192.0.2.7', '192.0.2.0/24'],
    ['0:0:0:0:0:ffff:192.0.2.7', '192.0.2.7', '192.0.2.0/24'],
    ['2001:db8:12:34::1', '2001:db8:12:34::1', '2001:db8:12::/48'],
    ['2001:DB8:0:34:5:6:7:8', '2001:db8:0:34:5:6:7:8', '2001:db8::/48'],
    ['fe80::1%eth0', 'fe80::1', 'fe80::/48'],
    ['::1', '::1', '::/48'],
    ['::', '::', '::/48'],
    ['64:ff9b::192.0.2.7', '64:ff9b::192.0.2.7', '64:ff9b::/48'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7::', '1:2:3::/48'],
  ])('keeps %s as %s, or as its network %s', (given, full, prefix) => {
    expect([cleanAddress(given, 'full'), cleanAddress(given, 'prefix')]).toEqual([full, prefix]);
  });

  test.each([
    undefined,
    '',
    'localhost',
    '192.0.2',
    '192.0.2.256',
    '192.0.2.7.1',
    '192.0.2.7, 203.0.113.1',
    ' 192.0.2.7',
    '0x7f.0.0.1',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '12345::',
    '192.0.2.7::1',
    '2001:db8::g',
    '<script>',
    '1'.repeat(1_000_000),
  ])('takes %j for none', (given) => {
    expect([cleanAddress(given, 'full'), cleanAddress(given, 'prefix')]).toEqual([undefined, undefined]);
  });
});
