const NOTICES: Readonly<Record<string, string>> = {
  device: 'The device is signed out.',
  gone: 'That device was signed out already.',
  failed: 'That is no name and password of ours.',
  'signed-out': 'You have been signed out.',
  late: 'That took too long. Please sign in again.',
};

/** The text for what a redirect says of what was done. Never the redirect's own: anyone can write one. */
export function noticeOf(code: unknown): string | undefined {
  const name = String(code);
  const [, others] = /^others-(\d{1,6})$/.exec(name) ?? [];
  if (others !== undefined) return `${others} other ${others === '1' ? 'device is' : 'devices are'} signed out.`;
  return Object.hasOwn(NOTICES, name) ? NOTICES[name] : undefined;
}
