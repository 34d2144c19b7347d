import mongoose from 'mongoose';
import { describe, expect, test } from 'vitest';
import { SessionError } from '../../../lib/core/errors.js';
import { isUnavailable, toStoreError, unavailable } from '../../../lib/mongo/store-error.js';

const driver = mongoose.mongo;
const server = (code: number) => new driver.MongoServerError({ message: 'value: hunter2', code });
const named = (name: string) => Object.assign(new Error('value: hunter2'), { name });

describe('an error of the driver becomes one of the contract', () => {
  test.each([
    new driver.MongoNetworkError('x'),
    new driver.MongoNetworkTimeoutError('x'),
    new driver.MongoServerSelectionError('x', {} as never),
    new driver.MongoTopologyClosedError('x'),
    new driver.MongoServerClosedError('x'),
    new driver.MongoNotConnectedError('x'),
    new driver.MongoOperationTimeoutError('x'),
    // Not exported by the driver, or of another copy of it.
    ...['MongoPoolClearedError', 'MongoPoolClosedError', 'MongoWaitQueueTimeoutError'].map(named),
    ...['MongooseServerSelectionError', 'MongoClientClosedError'].map(named),
    ...['MongoPoolClearedOnNetworkError', 'MongoExpiredSessionError', 'MongoStalePrimaryError'].map(named),
    Object.assign(new Error('connect'), { syscall: 'connect' }),
    Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND', syscall: 'getaddrinfo' }),
    // Written to a connection that the server has ended: the driver hands Node's own error on, and does not try again.
    Object.assign(new Error('This socket has been ended by the other party'), { code: 'EPIPE' }),
    Object.assign(new Error('Cannot call write after a stream was destroyed'), { code: 'ERR_STREAM_DESTROYED' }),
    ...[6, 7, 50, 64, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436].map(server),
    new driver.MongoServerError({ message: 'x', code: 1, errorLabels: ['RetryableWriteError'] }),
  ])('SESSION_STORE_UNAVAILABLE: %s', (error) => {
    const { code, httpStatus, cause, message } = toStoreError('find', error);
    expect({ code, httpStatus, cause }).toEqual({ code: 'SESSION_STORE_UNAVAILABLE', httpStatus: 503, cause: error });
    expect(message).toContain('check that it runs');
  });

  test.each([
    ...[2, 13, 18, 100, 112, 121, 8000, 11000].map(server),
    new driver.MongoInvalidArgumentError('x'),
    new driver.MongoCompatibilityError('x'),
    new TypeError('x is not a function'),
    Object.assign(new TypeError('x'), { code: 'ERR_INVALID_ARG_TYPE' }),
    Object.assign(new Error('x'), { code: 'NO_EPIPE' }),
    Object.assign(new Error('x'), { code: ['EPIPE'], syscall: 5 }),
    'not even an error',
    undefined,
  ])('SESSION_STORE_FAILED: %s', (error) => {
    const { code, httpStatus, cause } = toStoreError('find', error);
    expect({ code, httpStatus, cause }).toEqual({ code: 'SESSION_STORE_FAILED', httpStatus: 503, cause: error });
  });

  test('without the words of the server, which may hold values', () => {
    const messages = [server(11000), server(10107), named('MongoPoolClearedError')].map(
      (e) => toStoreError('find', e).message,
    );
    for (const message of messages) expect(message).not.toContain('hunter2');
    expect(messages[0]).toContain('MongoServerError 11000');
  });

  test('once: an error of the contract stays what it is', () => {
    const error = new SessionError('SESSION_TOO_LARGE', 'x');
    expect(toStoreError('find', error)).toBe(error);
  });

  test('with what was tried, the name and code of the cause, and the fix', () => {
    const messageOf = (error: unknown) => toStoreError('find', error).message;
    expect(messageOf(named('MongoPoolClearedError'))).toMatch(
      /^MongoDB can't be reached: MongoPoolClearedError \(find\); check that it runs .* as soon as it does\.$/,
    );
    expect(messageOf(server(11000))).toMatch(
      /^MongoDB refused .*: MongoServerError 11000 \(find\); .* unique index .* only\.$/,
    );
    expect(messageOf(server(13))).toMatch(
      /MongoServerError 13 \(find\); the cause tells what the server .* objects to\.$/,
    );
    expect(messageOf(Object.assign(new Error('x'), { code: 'EPIPE' }))).toContain('Error EPIPE (find);');
    expect(messageOf(Object.assign(new Error('x'), { code: {} }))).toContain('Error (find);');
    expect(messageOf('text')).toContain('string (find);');
  });

  test('and is recognised again', () => {
    expect(isUnavailable(unavailable('x'))).toBe(true);
    expect(unavailable('x')).not.toHaveProperty('cause');
    expect(isUnavailable(toStoreError('find', server(13)))).toBe(false);
  });
});
