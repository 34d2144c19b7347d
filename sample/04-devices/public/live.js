// Without this file the page works all the same: it shows what was true when it was loaded.
const main = document.querySelector('main');

/** Shows the list as it is now, and leaves the keyboard where it was. */
async function refresh() {
  const response = await fetch('/', { headers: { accept: 'text/html' } });
  if (new URL(response.url).pathname !== '/') return showEnd();
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  const list = page.querySelector('#devices');
  const focused = document.activeElement?.id;
  document.querySelector('#devices').replaceWith(document.importNode(list, true));
  if (focused) document.getElementById(focused)?.focus();
}

function showEnd() {
  source.close();
  const notice = document.createElement('p');
  notice.setAttribute('role', 'alert');
  notice.textContent = 'You have been signed out.';
  const link = document.createElement('a');
  link.href = '/login';
  link.textContent = 'Sign in again';
  main.replaceChildren(notice, link);
}

const source = new EventSource('/live');
source.addEventListener('changed', () => void refresh());
// Replaced: signed in once more, in another tab. The page is out of date, the browser is not signed out.
source.addEventListener('ended', ({ data }) => (data === 'replaced' ? location.reload() : showEnd()));

// A page that comes from the browser's memory instead of the server.
addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
addEventListener('pagehide', () => source.close());
