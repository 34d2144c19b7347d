// One request's operations on its session: their order, their time limit, and who is told of their failures.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loggedErrors, SessionError } from '../../../../lib/core/errors.js';
import { LoginRefusal } from '../../../../lib/core/lifecycle/login-protocol.interface.js';
import { RequestSteps } from '../../../../lib/core/request/request-steps.js';
import { SessionState, type SessionStatus } from '../../../../lib/core/session/session-state.js';

const TIMEOUT_MS = 5000;
const nextTurn = () => new Promise(setImmediate);

/** A failure is reported in the turn after it, so that the caller can handle it. */
async function reported(): Promise<void> {
  await nextTurn();
  await nextTurn();
}

function setUp() {
  const errors: string[] = [];
  const log = { error: (line: string) => void errors.push(line) };
  const steps = new RequestSteps(TIMEOUT_MS, log, { toFrameworkError: (error) => ({ told: error }) });
  return { steps, errors };
}

/** A step that ends when it is told to. */
function heldStep() {
  let [end, fail] = [() => {}, (_: Error) => {}];
  const promise = new Promise<void>((resolve, reject) => ([end, fail] = [resolve, reject]));
  return { run: () => promise, end, fail };
}

const ended = () => new SessionError('SESSION_ENDED', 'It has ended.');
const unavailable = () => new SessionError('SESSION_STORE_UNAVAILABLE', 'The database is away.');

describe('RequestSteps.run()', () => {
  test('runs one step after the other, also after one that fails', async () => {
    const { steps } = setUp();
    const first = heldStep();
    const order: string[] = [];
    const failed = expect(steps.run(() => first.run().finally(() => order.push('first')))).rejects.toBeDefined();
    const second = steps.run(async () => void order.push('second'));
    await nextTurn();
    expect(order).toEqual([]);
    first.fail(ended());
    await Promise.all([failed, second]);
    expect(order).toEqual(['first', 'second']);
  });

  test('rejects with what the framework makes of the error', async () => {
    const error = ended();
    await expect(setUp().steps.run(() => Promise.reject(error))).rejects.toEqual({ told: error });
  });

  test('says what is running until the last step is done', async () => {
    const { steps } = setUp();
    expect(steps.running).toBeUndefined();
    const [first, second] = [heldStep(), heldStep()];
    const firstEnd = steps.run(first.run);
    const secondEnd = steps.run(second.run);
    first.end();
    await firstEnd;
    expect(steps.running).toBeInstanceOf(Promise);
    second.end();
    await secondEnd;
    await steps.running;
    expect(steps.running).toBeUndefined();
  });

  test('says whether a step that replaces the token is called and not done', async () => {
    const { steps } = setUp();
    const [other, first, second] = [heldStep(), heldStep(), heldStep()];
    const otherEnd = steps.run(other.run);
    expect(steps.isReplacingToken).toBe(false);
    const firstEnd = steps.run(first.run, true);
    const secondEnd = steps.run(second.run, true);
    expect(steps.isReplacingToken).toBe(true);
    other.end();
    first.end();
    await Promise.all([otherEnd, firstEnd]);
    await nextTurn();
    expect(steps.isReplacingToken).toBe(true);
    second.end();
    await secondEnd;
    await nextTurn();
    expect(steps.isReplacingToken).toBe(false);
  });
});

describe('a step whose time is over because of those before it', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  test('fails with a 503, and the request waits for nothing and saves nothing more', async () => {
    const { steps, errors } = setUp();
    const first = heldStep();
    const firstEnd = steps.run(first.run);
    const late = steps.run(() => expect.unreachable());
    const failure = late.then(undefined, (error: unknown) => error);
    await vi.advanceTimersByTimeAsync(TIMEOUT_MS);
    const overdue = { code: 'SESSION_STORE_UNAVAILABLE', httpStatus: 503 };
    expect(await failure).toMatchObject({ told: overdue });
    expect(steps.running).toBeUndefined();
    expect(() => steps.throwFailure()).toThrow(expect.objectContaining(overdue));
    expect(errors).toEqual([expect.stringContaining('took up all of the time (`timeoutMs`)')]);
    first.end();
    await firstEnd;
  });

  test('is the failure of the request, even if a login fails after it', async () => {
    const { steps } = setUp();
    const first = heldStep();
    const firstEnd = steps.run(first.run);
    const late = [1, 2].map(() => expect(steps.run(async () => {})).rejects.toBeDefined());
    await vi.advanceTimersByTimeAsync(TIMEOUT_MS);
    await Promise.all(late);
    const transition = steps.runTransition(stateThatIs('stored'), () => Promise.reject(ended()));
    await expect(transition).rejects.toMatchObject({ code: 'SESSION_ENDED' });
    expect(() => steps.throwFailure()).toThrow(/timeoutMs/);
    first.end();
    await firstEnd;
  });
});

function stateThatIs(status: SessionStatus): SessionState {
  return Object.assign(new SessionState(0), { status });
}

describe('RequestSteps.runTransition()', () => {
  const failWith = (steps: RequestSteps, status: SessionStatus, error: Error) =>
    expect(steps.runTransition(stateThatIs(status), () => Promise.reject(error))).rejects.toBe(error);

  test.each<[string, SessionStatus, Error]>([
    ['a stored session', 'stored', ended()],
    ['a stored session, with an error of the program', 'stored', new TypeError('no function')],
    ['a new session that the store may have', 'new', unavailable()],
  ])('that fails fails the request: %s', async (_, status, error) => {
    const { steps } = setUp();
    await failWith(steps, status, error);
    expect(() => steps.throwFailure()).toThrow(error);
  });

  test.each<[string, SessionStatus, Error]>([
    ['the login was refused', 'stored', new LoginRefusal('SESSION_LIMIT_REACHED', 'Too many.', false)],
    ['the session is new and the store was not asked', 'new', ended()],
    ['the session is new and the program has failed', 'new', new TypeError('no function')],
  ])('that fails leaves the request as it is if %s', async (_, status, error) => {
    const { steps } = setUp();
    await failWith(steps, status, error);
    expect(() => steps.throwFailure()).not.toThrow();
  });

  test('that fails is made up for by one that succeeds', async () => {
    const { steps } = setUp();
    await failWith(steps, 'stored', unavailable());
    await steps.runTransition(stateThatIs('stored'), async () => {});
    expect(() => steps.throwFailure()).not.toThrow();
  });
});

describe('the log', () => {
  const failWith = (steps: RequestSteps, error: unknown) => steps.run(() => Promise.reject(error));

  test.each([
    ['of the store', unavailable(), 'The database is away.'],
    ['of the program', new TypeError('no function'), 'no function'],
  ])('has a line for a failure %s, also if the app handles it', async (_, error, message) => {
    const { steps, errors } = setUp();
    await expect(failWith(steps, error)).rejects.toBeDefined();
    expect(errors).toEqual([`A session could not be saved: ${message}`]);
  });

  test('has no line for a failure that is no fault, if the app handles it', async () => {
    const { steps, errors } = setUp();
    await expect(failWith(steps, ended())).rejects.toBeDefined();
    await reported();
    expect(errors).toEqual([]);
  });

  test('has a line for a failure that nobody handles', async () => {
    const { steps, errors } = setUp();
    void steps.hand(() => Promise.reject(ended()));
    await reported();
    expect(errors).toEqual(['A session could not be saved: It has ended.']);
  });

  test('has one line for failures that are the same, and no line for one that was logged elsewhere', () => {
    const { steps, errors } = setUp();
    const error = ended();
    loggedErrors.add(error);
    for (const failure of [error, { cause: error }, unavailable(), unavailable(), { cause: unavailable() }])
      steps.logFailure(failure);
    expect(errors).toEqual(['A session could not be saved: The database is away.']);
  });

  test('has the message of the error itself if its cause is not of a session', () => {
    const { steps, errors } = setUp();
    steps.logFailure(new Error('outer', { cause: new Error('inner') }));
    expect(errors).toEqual(['A session could not be saved: outer']);
  });
});
