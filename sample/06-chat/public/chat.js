import { io } from '../socket.io/socket.io.esm.min.js';

const [notice, status, signIn, chat, user, messages, typing, say, text, rename, name] = [
  ...['notice', 'status', 'sign-in', 'chat', 'user', 'messages', 'typing', 'say', 'text', 'rename', 'name'],
].map((id) => document.getElementById(id));

const MAX_LINES = 200;
const TYPING_MS = 2000;

// The tabs of a browser share its login: one that signs in calls the others back.
const tabs = new BroadcastChannel('chat');
// Without polling first: each tab has one connection, and each process its own clients.
const socket = io({ transports: ['websocket'] });
let isSignedIn = false;

/** Shows one of the two parts, and takes the keyboard along if it was in the other. */
function show(part, field) {
  const hidden = part === chat ? signIn : chat;
  const hadFocus = hidden.contains(document.activeElement);
  hidden.hidden = true;
  part.hidden = false;
  if (hadFocus) field.focus();
}

function showSignIn() {
  notice.textContent = isSignedIn ? 'You have been signed out.' : '';
  status.textContent = '';
  isSignedIn = false;
  show(signIn, signIn.elements.username);
}

/** Nobody sees what somebody else has heard, or was about to say, in this tab. */
function forgetChat() {
  messages.replaceChildren();
  typing.textContent = '';
  say.reset();
}

// Whom the session of this connection belongs to, also after it came back with another one.
socket.on('welcome', (me) => {
  isSignedIn = true;
  notice.textContent = '';
  status.textContent = '';
  if (user.textContent !== me.user) forgetChat();
  user.textContent = me.user;
  if (document.activeElement !== name) name.value = me.name;
  show(chat, text);
});

socket.on('disconnect', (reason) => {
  // For good: the session has ended, or there was none. In any other case the client comes back by itself.
  if (reason === 'io server disconnect') showSignIn();
  else if (isSignedIn) status.textContent = 'The connection is lost. Trying again.';
});

socket.on('said', (line) => {
  const paragraph = document.createElement('p');
  const author = document.createElement('strong');
  author.textContent = line.name;
  paragraph.append(author, ' ', line.text);
  messages.append(paragraph);
  if (messages.childElementCount > MAX_LINES) messages.firstElementChild.remove();
  messages.scrollTop = messages.scrollHeight;
  typing.textContent = '';
});

let typingTimer;
socket.on('typing', (who) => {
  typing.textContent = `${who} is typing…`;
  clearTimeout(typingTimer);
  typingTimer = setTimeout(() => (typing.textContent = ''), TYPING_MS);
});

socket.on('renamed', (chosen) => {
  name.value = chosen;
  status.textContent = `In the chat you are ${chosen} now.`;
});

socket.on('exception', ({ code }) => {
  // The socket closes, which says it all.
  if (code === 'SESSION_ENDED' || code === 'SESSION_REQUIRED') return;
  status.textContent = 'That did not work. Please try again.';
});

async function post(path, body) {
  const headers = { 'content-type': 'application/json' };
  return fetch(path, { method: 'POST', headers, body: JSON.stringify(body) }).catch(() => undefined);
}

/** Where it is connected already, it stays so, or comes back with the new cookie by itself. */
function comeBack() {
  socket.connect();
}

async function logIn() {
  const { username, password } = signIn.elements;
  const response = await post('/login', { username: username.value, password: password.value });
  password.value = '';
  if (response?.ok) {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel of this origin
    tabs.postMessage('signed in');
    comeBack();
    return;
  }
  notice.textContent = response?.status === 401 ? 'That is no name and password of ours.' : 'That did not work.';
  password.focus();
}

signIn.addEventListener('submit', (event) => {
  event.preventDefault();
  void logIn();
});

async function logOut() {
  const response = await post('/logout', {});
  if (!response?.ok) status.textContent = 'That did not work. Please try again.';
}

document.getElementById('sign-out').addEventListener('click', () => void logOut());

say.addEventListener('submit', (event) => {
  event.preventDefault();
  socket.emit('say', text.value);
  text.value = '';
});

let typedAt = -TYPING_MS;
text.addEventListener('input', ({ timeStamp }) => {
  if (timeStamp - typedAt < TYPING_MS / 2) return;
  typedAt = timeStamp;
  // What nobody misses if the connection is lost.
  socket.volatile.emit('typing');
});

rename.addEventListener('submit', (event) => {
  event.preventDefault();
  socket.emit('rename', name.value);
});

tabs.addEventListener('message', comeBack);
