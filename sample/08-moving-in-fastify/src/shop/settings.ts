const DAY_MS = 86_400_000;

const { MONGODB_URI, HOST, PORT, OLD_SECRET } = process.env;

export const settings = {
  mongoUri: MONGODB_URI ?? 'mongodb://127.0.0.1:27017/sample',
  host: HOST ?? '127.0.0.1',
  port: Number(PORT ?? 3000),
  /** Signs the cookies of the old library, and stays as long as sessions move in. */
  oldSecret: OLD_SECRET ?? 'a demo secret that everybody knows',
  maxAge: 7 * DAY_MS,
  /** Somebody starts a sample on any day. An app of yours names the day, such as '2027-02-01'. */
  until: new Date(Date.now() + 30 * DAY_MS),
};
