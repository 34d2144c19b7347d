import type { SessionObject } from 'nestjs-mongo-sessions';
import { type Html, html } from './html.js';
import { PRODUCTS, type Product } from './products.js';
import type { User } from './users.js';

interface PageInput {
  session: SessionObject;
  /** The session's document, as text; undefined when there is none. */
  stored: string | undefined;
  user: User | undefined;
  notice: string | undefined;
}

/** The page: forms only, so that it works without JavaScript. */
export function renderPage({ session, stored, user, notice }: PageInput): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Counter, cart and login</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/style.css" />
      </head>
      <body>
        <header>
          <h1>Counter, cart and login</h1>
          <p>One page whose visitors have sessions in MongoDB. It needs no JavaScript.</p>
        </header>
        <main>
          <div class="column">${counter(session)} ${user ? account(session, user, notice) : loginForm(notice)}</div>
          ${cart(session)} ${details(session, stored)}
        </main>
      </body>
    </html>`;
  return page.text;
}

function counter({ clicks = 0 }: SessionObject): Html {
  return html`<section aria-labelledby="counter">
    <h2 id="counter">Counter</h2>
    <p>You have clicked <output id="clicks">${clicks}</output> ${clicks === 1 ? 'time' : 'times'}.</p>
    <form method="post" action="/counter"><button>Click</button></form>
  </section>`;
}

function cart({ cart: lines = [] }: SessionObject): Html {
  const rows = lines.flatMap(({ product: id, quantity }) => {
    const product = PRODUCTS.find((candidate) => candidate.id === id);
    return product ? [{ product, quantity }] : [];
  });
  const total = rows.reduce((sum, { product, quantity }) => sum + quantity * product.cents, 0);
  return html`<section aria-labelledby="cart">
    <h2 id="cart">Cart</h2>
    <ul class="shelf">
      ${PRODUCTS.map(shelf)}
    </ul>
    ${rows.length === 0 ? html`<p class="quiet">The cart is empty.</p>` : table(rows, total)}
  </section>`;
}

function shelf({ id, name, cents }: Product): Html {
  return html`<li>
    <span>${name}</span> <span class="price">${price(cents)}</span>
    <form method="post" action="/cart">
      <button name="product" value="${id}" aria-label="Add ${name} to the cart">Add</button>
    </form>
  </li>`;
}

function table(rows: readonly { product: Product; quantity: number }[], total: number): Html {
  return html`<table>
    <caption>
      In the cart
    </caption>
    <thead>
      <tr>
        <th scope="col">Product</th>
        <th scope="col" class="price">Quantity</th>
        <th scope="col" class="price">Price</th>
        <td></td>
      </tr>
    </thead>
    <tbody id="lines">
      ${rows.map(
        ({ product: { id, name, cents }, quantity }) =>
          html`<tr>
            <th scope="row">${name}</th>
            <td class="price">${quantity}</td>
            <td class="price">${price(quantity * cents)}</td>
            <td>
              <form method="post" action="/cart/remove">
                <button class="plain" name="product" value="${id}" aria-label="Remove ${name}">Remove</button>
              </form>
            </td>
          </tr>`,
      )}
    </tbody>
    <tfoot>
      <tr>
        <th scope="row" colspan="2">Total</th>
        <td class="price">${price(total)}</td>
        <td></td>
      </tr>
    </tfoot>
  </table>`;
}

function loginForm(notice: string | undefined): Html {
  return html`<section aria-labelledby="account">
    <h2 id="account">Log in</h2>
    ${alert(notice)}
    <form method="post" action="/login" class="fields">
      <label for="username">Name</label>
      <input id="username" name="username" autocomplete="username" autocapitalize="none" required />
      <label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="current-password" maxlength="256" required />
      <button>Log in</button>
    </form>
    <p class="quiet">
      Demo users: <code>ada</code> with <code>analytical-engine</code>, <code>grace</code> with
      <code>first-compiler</code>.
    </p>
  </section>`;
}

function account(
  { authenticatedAt }: SessionObject,
  { login: username, name }: User,
  notice: string | undefined,
): Html {
  return html`<section aria-labelledby="account">
    <h2 id="account">Logged in</h2>
    ${alert(notice)}
    <p>Hello, <strong id="user">${name}</strong>. You logged in at ${authenticatedAt && time(authenticatedAt)}.</p>
    <form method="post" action="/password" class="fields">
      <input name="username" autocomplete="username" value="${username}" hidden />
      <label for="new-password">New password</label>
      <input
        id="new-password"
        name="newPassword"
        type="password"
        autocomplete="new-password"
        maxlength="256"
        required
      />
      <button>Change password</button>
    </form>
    <form method="post" action="/logout"><button>Log out</button></form>
  </section>`;
}

function alert(notice: string | undefined): Html | undefined {
  return notice === undefined ? undefined : html`<p class="alert" role="alert">${notice}</p>`;
}

function details(session: SessionObject, stored: string | undefined): Html {
  if (stored === undefined) {
    return html`<section class="wide" aria-labelledby="session">
      <h2 id="session">Your session</h2>
      <p id="no-session">
        There is none yet: no cookie in your browser, no document in the database. Any button here begins one.
      </p>
    </section>`;
  }
  return html`<section class="wide" aria-labelledby="session">
    <h2 id="session">Your session</h2>
    <dl>
      <dt>session.id</dt>
      <dd>
        <code id="session-id">${session.id}</code><br /><span class="quiet"
          >another one after every login() and regenerate()</span
        >
      </dd>
      <dt>session.handle</dt>
      <dd><code id="session-handle">${session.handle}</code><br /><span class="quiet">public, and stays</span></dd>
      <dt>session.createdAt</dt>
      <dd>${time(session.createdAt)}</dd>
      <dt>session.expiresAt</dt>
      <dd>${time(session.expiresAt)}</dd>
    </dl>
    <h3>Its document</h3>
    <p class="quiet">
      As MongoDB holds it, but for what the model leaves out: hashes of the secret that only your cookie holds.
    </p>
    <pre tabindex="0" aria-label="The document"><code id="document">${stored}</code></pre>
  </section>`;
}

function price(cents: number): string {
  return new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR' }).format(cents / 100);
}

function time(date: Date): Html {
  const iso = date.toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')} UTC</time>`;
}
