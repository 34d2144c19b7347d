// Every operation of the store, as a request brings it about.
import type { SessionEventType } from '../../../../lib/index.js';
import type { SessionDocument } from '../../../../lib/mongo/documents/session-document.interface.js';

type Document = SessionDocument | null;

export interface Operation {
  readonly name: string;
  /** What the driver sends for it. */
  readonly command: 'find' | 'insert' | 'update' | 'delete' | 'findAndModify';
  /** The request, of a browser that has a session with `mark: 'before'` unless it is the first one. */
  readonly path: string;
  readonly isFirst?: true;
  /** How much later than the request before. */
  readonly afterMs?: number;
  /** Whether the document is as after exactly one such operation; a second one would show. */
  readonly isDone: (document: Document) => boolean;
  /** Whether it is as if there had been none. */
  readonly isUndone: (document: Document) => boolean;
  /** What follows from one that is done. */
  readonly events?: readonly SessionEventType[];
  readonly cookie?: 'set' | 'clear';
  /** The line in the log when it fails. */
  readonly line: RegExp;
  /** When it fails, the answer is not held up. */
  readonly isOptional?: true;
}

const NOT_READ = /^A session could not be read: MongoDB .+ \(find\)/;
const notSaved = (name: string) => new RegExp(`^A session could not be saved: MongoDB .+ \\(${name}\\)`);
const isMarked = (mark: string) => (document: Document) => document?.data['mark'] === mark;
const isBefore = isMarked('before');

export const OPERATIONS: readonly Operation[] = [
  { name: 'find', command: 'find', path: '/read', isDone: isBefore, isUndone: isBefore, line: NOT_READ },
  {
    name: 'insert',
    command: 'insert',
    path: '/set?mark=after',
    isFirst: true,
    isDone: isMarked('after'),
    isUndone: (document) => document === null,
    events: ['created'],
    cookie: 'set',
    line: notSaved('insert'),
  },
  {
    name: 'update',
    command: 'update',
    path: '/set?mark=after',
    isDone: isMarked('after'),
    isUndone: isBefore,
    line: notSaved('update'),
  },
  {
    name: 'replaceSecret',
    command: 'update',
    path: '/login?mark=ada',
    isDone: (document) => document?.epoch === 1 && document.userId === 'ada' && isBefore(document),
    isUndone: (document) => document?.epoch === 0 && document.userId === undefined,
    events: ['regenerated', 'loggedIn'],
    cookie: 'set',
    line: notSaved('replaceSecret'),
  },
  {
    name: 'replaceValue',
    command: 'update',
    path: '/increment',
    isDone: (document) => Number(document?.data['count']) === 1,
    isUndone: (document) => document?.data['count'] === undefined,
    line: notSaved('replaceValue'),
  },
  {
    name: 'renewToken',
    command: 'update',
    path: '/read',
    afterMs: 6 * 60_000,
    isDone: (document) => revisionOf(document) === 1,
    isUndone: (document) => revisionOf(document) === undefined,
    events: ['renewed'],
    cookie: 'set',
    line: /^A token could not be renewed \(the answer is not held up\): MongoDB .+ \(renewToken\)/,
    isOptional: true,
  },
  {
    name: 'removeIfEmpty',
    command: 'delete',
    path: '/erase',
    isDone: (document) => document === null,
    // The key has gone by an operation before.
    isUndone: (document) => document !== null && Object.keys(document.data).length === 0,
    events: ['destroyed'],
    cookie: 'clear',
    line: notSaved('removeIfEmpty'),
  },
  {
    name: 'take',
    command: 'findAndModify',
    path: '/logout',
    isDone: (document) => document === null,
    isUndone: isBefore,
    events: ['destroyed'],
    cookie: 'clear',
    line: notSaved('take'),
  },
];

function revisionOf(document: Document): number | undefined {
  const { revision } = (document?.['rotation'] ?? {}) as { revision?: unknown };
  return revision === undefined ? undefined : Number(revision);
}
