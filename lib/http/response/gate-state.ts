/**
 * What a gate does with a call: commit first, let it wait, pass it on, or ignore it as Node does
 * after the end.
 */
export type Reaction = 'commit' | 'wait' | 'pass' | 'ignore';

interface Reactions {
  /** To `writeHead`, `write` and `flushHeaders`. */
  readonly write: Reaction;
  readonly end: Reaction;
  /** To the platform's own reply. */
  readonly reply: Reaction;
}

/**
 * The states of a response, and what happens in each.
 *
 * | state     | what it means                            | how it goes on                                        |
 * | --------- | ---------------------------------------- | ----------------------------------------------------- |
 * | open      | nothing has left                         | the first call commits: `holding`, `ended`, `replying`, or, with nothing to write, `sent`, `over`, `sending` |
 * | holding   | a commit is pending, calls wait          | `end`: `ended`. Acknowledged: the calls are made, `sent`, or wait again for a token that is coming. Failed: `open`, for the failure's response |
 * | ended     | the same, and the handler is done        | as `holding`                                          |
 * | replying  | the platform's reply waits for a commit  | acknowledged: `sending`. Failed: `open`               |
 * | sending   | the platform sends its reply             | its headers: `finishing`                              |
 * | finishing | its body follows at once, so that nothing can have changed | when it has returned: `sent`        |
 * | sent      | the headers have left, a stream goes on  | `end` commits once more: `ended` or `over`            |
 * | over      | the response has ended                   |                                                       |
 * | failed    | the failure's response has ended         | what the handler still writes comes to nothing        |
 * | closing   | the client has gone, and listeners of `close` run, which are not the handler | `abandoned`       |
 * | abandoned | the handler is still running             | as `open`                                             |
 *
 * When the connection closes, `open` becomes `closing`; in every other state the sessions are
 * committed once more.
 */
export const REACTIONS = {
  open: { write: 'commit', end: 'commit', reply: 'commit' },
  holding: { write: 'wait', end: 'wait', reply: 'pass' },
  ended: { write: 'ignore', end: 'ignore', reply: 'pass' },
  replying: { write: 'ignore', end: 'ignore', reply: 'ignore' },
  sending: { write: 'commit', end: 'commit', reply: 'pass' },
  finishing: { write: 'pass', end: 'pass', reply: 'pass' },
  sent: { write: 'pass', end: 'commit', reply: 'pass' },
  over: { write: 'pass', end: 'pass', reply: 'pass' },
  failed: { write: 'ignore', end: 'ignore', reply: 'pass' },
  closing: { write: 'pass', end: 'pass', reply: 'pass' },
  abandoned: { write: 'commit', end: 'commit', reply: 'commit' },
} as const satisfies Record<string, Reactions>;

export type GateState = keyof typeof REACTIONS;
