// The page of another origin: it sends its visitor's cookie (`credentials`), and the CSRF token in a header.
const api = document.querySelector('meta[name=api]').content;
const element = (id) => document.getElementById(id);
let csrfToken;

async function send(path, options) {
  const response = await fetch(api + path, { credentials: 'include', ...options });
  element('notice').textContent = response.ok ? '' : `${path} was answered with ${response.status}.`;
  return response.ok && response.status !== 204 ? response.json() : undefined;
}

function post(path, body = {}) {
  const headers = { 'content-type': 'application/json', 'x-csrf-token': csrfToken };
  return send(path, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** After a login or logout too: the tokens of before are worthless then. */
async function refresh() {
  const state = await send('/csrf');
  csrfToken = state.csrfToken;
  show(await send('/notes'));
  element('user').textContent = state.user ?? 'nobody';
}

function show(notes = []) {
  element('notes').replaceChildren(
    ...notes.map((text) => Object.assign(document.createElement('li'), { textContent: text })),
  );
}

function onSubmit(id, action) {
  element(id).addEventListener('submit', (event) => {
    event.preventDefault();
    void action().then(() => event.target.reset());
  });
}

onSubmit('add', async () => {
  const notes = await post('/notes', { text: element('text').value });
  if (notes) show(notes);
});
onSubmit('login', async () => {
  await post('/login', { username: element('username').value, password: element('password').value });
  const notice = element('notice').textContent;
  await refresh();
  element('notice').textContent = notice;
});
onSubmit('logout', async () => {
  await post('/logout');
  await refresh();
});

await refresh();
