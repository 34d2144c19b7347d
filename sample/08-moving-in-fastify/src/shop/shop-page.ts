import { type Html, html } from './html.js';
import { PRODUCTS } from './products.js';
import type { CartLine } from './shop-request.js';
import type { User } from './users.js';

interface ShopPageInput {
  readonly cart: readonly CartLine[];
  readonly user: User | undefined;
  /** Whether it was no name and password of ours. */
  readonly hasFailed: boolean;
}

/** The only page of the shop: forms only, so that it works without JavaScript. */
export function shopPage({ cart, user, hasFailed }: ShopPageInput): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Shop</title>
        <link rel="icon" href="data:," />
      </head>
      <body>
        <main>
          <h1>Shop</h1>
          <h2>Products</h2>
          <ul>
            ${PRODUCTS.map(
              ({ id, name }) =>
                html`<li>
                  <form method="post" action="/cart">
                    ${name} <button name="product" value="${id}" aria-label="Add ${name} to the cart">Add</button>
                  </form>
                </li>`,
            )}
          </ul>
          <h2>Cart</h2>
          <ul id="cart">
            ${cart.map(line)}
          </ul>
          ${user ? account(user) : loginForm(hasFailed)}
        </main>
      </body>
    </html>`.text;
}

function line({ product, quantity }: CartLine): Html {
  const name = PRODUCTS.find(({ id }) => id === product)?.name;
  return html`<li>${quantity} × ${name ?? 'A product that is sold out'}</li>`;
}

function account({ name }: User): Html {
  return html`<h2>Account</h2>
    <p>Logged in as <strong id="user">${name}</strong>.</p>
    <form method="post" action="/logout"><button>Log out</button></form>`;
}

function loginForm(hasFailed: boolean): Html {
  return html`<h2>Log in</h2>
    ${hasFailed ? html`<p role="alert">That is no name and password of ours.</p>` : undefined}
    <form method="post" action="/login">
      <p>
        <label for="username">Name</label>
        <input id="username" name="username" autocomplete="username" autocapitalize="none" required />
      </p>
      <p>
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" maxlength="256" required />
      </p>
      <button>Log in</button>
    </form>`;
}
