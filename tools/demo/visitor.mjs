// A browser in small: it keeps its cookie, follows no redirect, and can send a form as slowly as one likes.
import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';

export class Visitor {
  /** `name=value` of the session cookie, undefined when there is none. */
  cookie;

  constructor(url, { cookie, signal } = {}) {
    this.url = url;
    this.cookie = cookie;
    this.signal = signal;
  }

  /** The token in the cookie. */
  get token() {
    return this.cookie?.slice(this.cookie.indexOf('=') + 1);
  }

  /** Sends a request and takes the answer's cookie. */
  async send(method, path, form) {
    const { finish } = await this.begin(method, path, form, { slowly: false });
    return finish();
  }

  /**
   * Begins a request and keeps its last byte back until `finish`. Returns when the server has said that it has the headers:
   * `100 Continue` leaves it as it hands the request to the app.
   */
  async begin(method, path, form, { slowly = true } = {}) {
    const { signal, cookie } = this;
    const body = form ? new URLSearchParams(form).toString() : '';
    const outgoing = request(new URL(path, this.url), {
      method,
      agent: false,
      signal,
      headers: {
        ...(cookie && { cookie }),
        ...(form && { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }),
        ...(slowly && { expect: '100-continue' }),
      },
    });
    const answered = once(outgoing, 'response');
    // Whoever calls finish() hears of a failure; nobody may, when the demo is stopped.
    answered.catch(() => {});
    if (slowly) {
      const continued = once(outgoing, 'continue');
      outgoing.flushHeaders();
      // An answer without it is for finish() to tell.
      await Promise.race([continued, answered]);
      outgoing.write(body.slice(0, -1));
    }
    return {
      finish: async () => {
        outgoing.end(slowly ? body.slice(-1) : body);
        const [incoming] = await answered;
        return this.#take(incoming, await text(incoming));
      },
    };
  }

  #take({ statusCode, headers }, page) {
    const cookies = headers['set-cookie'] ?? [];
    for (const header of cookies) {
      const [pair, ...attributes] = header.split('; ');
      this.cookie = attributes.includes('Max-Age=0') ? undefined : pair;
    }
    return { status: statusCode, location: headers.location, cookies, page };
  }
}

/** The text of the element with this id; undefined when the page has none. */
export function textOf(page, id) {
  return new RegExp(`\\sid="${id}">([^<]*)<`).exec(page)?.[1];
}
