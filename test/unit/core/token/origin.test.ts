import { describe, expect, test } from 'vitest';
import { isForeignOrigin, normalizeOrigin } from '../../../../lib/core/token/origin.js';

const OWN = 'https://app.example.com';
const ALLOWED = ['https://admin.example.com', 'capacitor://localhost'];

describe('isForeignOrigin()', () => {
  test.each([
    ['a request without the header', undefined],
    ['the own host', 'https://app.example.com'],
    ['the own host in upper case', 'HTTPS://APP.EXAMPLE.COM'],
    ['the own host with the default port', 'https://app.example.com:443'],
    ['an allowed origin', 'https://admin.example.com'],
    ['an allowed scheme of an app', 'Capacitor://localhost'],
  ])('is false for %s', (_what, origin) => {
    expect(isForeignOrigin(origin, OWN, ALLOWED)).toBe(false);
  });

  test.each([
    ['null', 'null'],
    ['an empty text', ''],
    ['two origins', 'https://app.example.com, https://app.example.com'],
    ['another port', 'https://app.example.com:8443'],
    ['http for https', 'http://app.example.com'],
    ['another host', 'https://evil.test'],
    ['a host that starts with the own one', 'https://app.example.com.evil.test'],
    ['a host that ends with the own one', 'https://evil-app.example.com'],
    ['a host that the own one starts with', 'https://app.example.co'],
    ['a host that starts with an allowed one', 'https://admin.example.com.evil.test'],
    ['a host that an allowed one starts with', 'https://admin.example.co'],
    ['the own host as a user name', 'https://app.example.com@evil.test'],
    ['a path', 'https://app.example.com/path'],
    ['a backslash', 'https://app.example.com\\.evil.test'],
    ['a subdomain of an allowed origin', 'https://x.admin.example.com'],
    ['another app of an allowed scheme', 'capacitor://evil'],
  ])('is true for %s', (_what, origin) => {
    expect(isForeignOrigin(origin, OWN, ALLOWED)).toBe(true);
  });

  test('is true for every origin if the own host is unknown', () => {
    expect(isForeignOrigin('https://app.example.com', 'https://', [])).toBe(true);
  });
});

test('normalizeOrigin() leaves out what a browser leaves out', () => {
  expect(normalizeOrigin('HTTP://Example.com:80')).toBe('http://example.com');
  expect(normalizeOrigin('*')).toBeUndefined();
  expect(normalizeOrigin('example.com')).toBeUndefined();
});
