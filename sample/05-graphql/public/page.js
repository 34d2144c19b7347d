// Queries and mutations by HTTP, the cart by a subscription: what another tab adds is here at once.
const element = (id) => document.getElementById(id);
const NAMES = { TEA: 'Tea', LAMP: 'Lamp', BOOK: 'Book' };

/** The server takes JSON only, which a form of another site can't send. Undefined: it failed, and the page says why. */
async function ask(query, variables = {}) {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ query, variables });
  try {
    const response = await fetch('/graphql', { method: 'POST', headers, body });
    const { data, errors } = await response.json();
    if (data && !errors) return data;
    const { message, extensions } = errors?.[0] ?? {};
    tell(extensions?.code === 'UNAUTHENTICATED' ? 'Log in first.' : (message ?? 'That did not work. Try again.'));
  } catch {
    tell('The server can not be reached. Try again.');
  }
  return undefined;
}

function tell(text) {
  element('notice').textContent = text;
}

function showUser(user) {
  element('user').textContent = user?.name ?? 'a visitor';
  element('login').hidden = Boolean(user);
  element('logout').hidden = !user;
}

function showCart(items) {
  const rows = items.map(({ product, quantity }) => {
    const row = document.createElement('li');
    row.textContent = `${NAMES[product]} × ${quantity}`;
    return row;
  });
  element('cart').replaceChildren(...rows);
}

async function refreshUser() {
  const data = await ask('{ me { name } }');
  if (data) showUser(data.me);
}

/** The browser sends the session's cookie with the handshake. */
const client = graphqlWs.createClient({
  url: new URL('/graphql', location.href.replace(/^http/, 'ws')).href,
  // A login closes the sockets of all tabs with 4000: they come back at once, with the new cookie.
  retryAttempts: Infinity,
  retryWait: (retries) => new Promise((resolve) => setTimeout(resolve, Math.min(30_000, 100 * 2 ** retries))),
  on: { connected: () => void refreshUser() },
});

let isListening = false;

/** For visitors of whom nothing is stored there is nothing to listen to yet. */
function listen() {
  if (isListening) return;
  isListening = true;
  client.subscribe(
    { query: 'subscription { cartChanges { product quantity } }' },
    {
      next({ data }) {
        element('live').hidden = !data;
        if (data) showCart(data.cartChanges);
      },
      // 4401: the session has ended, in this tab or elsewhere.
      error: ({ code }) => (code === 4401 ? showEnd() : stop()),
      complete: stop,
    },
  );
}

function stop() {
  isListening = false;
  element('live').hidden = true;
}

function showEnd() {
  stop();
  showUser(undefined);
  showCart([]);
  tell('You have been signed out.');
}

addEventListener('click', () => tell(''), { capture: true });

function when(target, event, act) {
  target.addEventListener(event, (given) => void act(given));
}

for (const button of document.querySelectorAll('[data-product]')) {
  when(button, 'click', async () => {
    const { product } = button.dataset;
    const query = 'mutation ($product: Product!) { addToCart(product: $product) { product quantity } }';
    const data = await ask(query, { product });
    if (!data) return;
    showCart(data.addToCart);
    listen();
  });
}

when(element('order'), 'click', async () => {
  const data = await ask('mutation { order }');
  if (data) tell(data.order);
});

when(element('login'), 'submit', async (event) => {
  event.preventDefault();
  const query = 'mutation ($name: String!, $word: String!) { login(username: $name, password: $word) { name } }';
  const data = await ask(query, { name: element('username').value, word: element('password').value });
  if (!data) return;
  event.target.reset();
  showUser(data.login);
  listen();
});

when(element('logout'), 'click', async () => {
  if (await ask('mutation { logout }')) showEnd();
});

const state = await ask('{ me { name } cart { product quantity } }');
showUser(state?.me);
showCart(state?.cart ?? []);
if (state?.me || state?.cart.length > 0) listen();
