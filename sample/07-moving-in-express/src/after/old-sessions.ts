import { fromConnectMongo } from 'nestjs-mongo-sessions/moving-in';
import { settings } from '../shop/settings.js';

/** The sessions of before. After `until`, this file goes, and its line in app.module.ts. */
export const oldSessions = fromConnectMongo({
  collection: 'sessions',
  cookie: 'connect.sid',
  secrets: [settings.oldSecret],
  until: settings.until,
  userId: (data) => data.passport?.user,
});
