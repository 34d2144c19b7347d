// A logout with an old cookie, in a process of its own that stops before a given call to the database and tells its parent.
import mongoose from 'mongoose';
import { MoverProcess } from '../support/mover-process.js';

const { MONGO_URI: uri = '', STOP_AT: stopAt, COOKIE: cookie = '' } = process.env;
const client = await new mongoose.mongo.MongoClient(uri).connect();
const mover = new MoverProcess({
  client,
  async beforeCall(call) {
    if (call !== Number(stopAt)) return;
    process.send!('stopped');
    await new Promise(() => {});
  },
});
await mover.visit(cookie, (session) => session.logout());
process.send!('done');
