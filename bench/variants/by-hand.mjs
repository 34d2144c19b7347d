// What one would write oneself: a signed id in the cookie, one findOne for a read, one updateOne more for a write.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const KEY = randomBytes(32);
const sign = (id) => createHmac('sha256', KEY).update(id).digest('base64url');

/** @param {{ db: import('mongodb').Db }} given */
export function byHandVariant({ db }) {
  const sessions = db.collection('by_hand');

  function find(request) {
    const [, id, signature] = /(?:^|; )id=([0-9a-f]{32})\.([\w-]{43})(?:;|$)/.exec(request.headers.cookie ?? '') ?? [];
    if (!id || !timingSafeEqual(Buffer.from(signature), Buffer.from(sign(id)))) return null;
    return sessions.findOne({ _id: id });
  }

  async function insert(response, data) {
    const _id = randomBytes(16).toString('hex');
    await sessions.insertOne({ _id, ...data });
    response.header('set-cookie', `id=${_id}.${sign(_id)}; Path=/; HttpOnly; SameSite=Lax`);
  }

  class ByHandHandlers {
    async read(request) {
      const session = await find(request);
      return { user: session?.user ?? 'nobody', views: session?.views ?? 0 };
    }

    async write(request) {
      const { _id, user, views } = await find(request);
      await sessions.updateOne({ _id }, { $set: { views: views + 1 } });
      return { user, views: views + 1 };
    }

    async login(request, response) {
      const { user } = request.query;
      const before = await find(request);
      const data = { user, views: (before?.views ?? 0) + 1 };
      if (before) await sessions.deleteOne({ _id: before._id });
      await insert(response, data);
      return data;
    }

    seed(request, data, response) {
      return insert(response, data);
    }

    seedLoggedIn(request, data, response) {
      return insert(response, { ...data, userId: data.user, authenticatedAt: new Date() });
    }
  }

  return { handlers: ByHandHandlers };
}
