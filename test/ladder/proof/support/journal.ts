// What a client knows of its sessions: what was acknowledged, and what was asked for without an answer.
import mongoose from 'mongoose';
import type { SessionDocument } from '../../../../lib/mongo/documents/session-document.interface.js';

export interface JournalEntry {
  readonly handle: string;
  /** The last value that was acknowledged, and the last one that was sent. */
  value: { acknowledged: number; sent: number };
  count: { acknowledged: number; sent: number };
  user: { acknowledged?: string; sent?: string };
  end: 'none' | 'sent' | 'acknowledged';
}

export function entryOf(handle: string, value: number): JournalEntry {
  const count = { acknowledged: 0, sent: 0 };
  return { handle, value: { acknowledged: value, sent: value }, count, user: {}, end: 'none' };
}

export interface Verdict {
  /** Sessions that were compared. */
  readonly compared: number;
  /** Acknowledged, and not there. */
  readonly lost: string[];
  /** There, and nothing that a client could have written. */
  readonly wrong: string[];
  /** Documents of which a part is missing. */
  readonly half: string[];
}

/** Compares the journal with the database. */
export async function verify(
  sessions: mongoose.mongo.Collection<SessionDocument>,
  entries: readonly JournalEntry[],
): Promise<Verdict> {
  const verdict: Verdict = { compared: entries.length, lost: [], wrong: [], half: [] };
  const found = await sessions.find({}, { readPreference: 'primary', readConcern: 'majority' }).toArray();
  const documents = new Map(found.map((document) => [document._id.toHexString(), document]));
  for (const document of found) if (!isWhole(document)) verdict.half.push(document._id.toHexString());
  for (const entry of entries) compare(entry, documents.get(entry.handle), verdict);
  return verdict;
}

function compare(entry: JournalEntry, document: SessionDocument | undefined, { lost, wrong }: Verdict): void {
  const { handle, value, count, user, end } = entry;
  if (!document) {
    if (end === 'none') lost.push(`session ${handle}`);
    return;
  }
  if (end === 'acknowledged') lost.push(`the end of session ${handle}`);
  const first = Number(document.data['first']);
  const counted = Number(document.data['count'] ?? 0);
  if (!(first >= value.acknowledged)) lost.push(`value ${value.acknowledged} of ${handle}: it is ${first}`);
  if (first > value.sent) wrong.push(`value ${first} of ${handle}`);
  if (counted < count.acknowledged) lost.push(`count ${count.acknowledged} of ${handle}: it is ${counted}`);
  if (counted > count.sent) wrong.push(`count ${counted} of ${handle}: ${count.sent} were sent`);
  if (user.acknowledged !== undefined && document.userId !== user.acknowledged && document.userId !== user.sent)
    lost.push(`login of ${handle}`);
}

/** Every field, of the right kind, and both keys that are always written together. */
function isWhole({ secretHash, epoch, data, createdAt, lastSeenAt, expiresAt, v }: SessionDocument): boolean {
  const { Binary } = mongoose.mongo;
  return (
    secretHash instanceof Binary &&
    secretHash.length() === 32 &&
    Number.isInteger(epoch) &&
    [createdAt, lastSeenAt, expiresAt].every((time) => time instanceof Date) &&
    v === 1 &&
    data['first'] !== undefined &&
    data['first'] === data['second']
  );
}
