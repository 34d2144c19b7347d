// What the tour says, and the count of its checks.

export class Report {
  passed = 0;
  failed = 0;
  #step = 0;

  constructor(print) {
    this.print = (line) => print(withoutTokens(line));
  }

  chapter(title) {
    this.#step = 0;
    this.print(`\n=== ${title}`);
  }

  step(title) {
    this.#step += 1;
    this.print(`\n${this.#step}. ${title}`);
  }

  say(text) {
    for (const line of text.split('\n')) this.print(`   ${line}`);
  }

  sent(method, path, form, cookie, note) {
    const fields = form ? ` ${describeForm(form)}` : '';
    this.say(`→ ${method} ${path}${fields} | ${cookie ? `Cookie: ${cookie}` : 'no cookie'}${note ? ` | ${note}` : ''}`);
  }

  received({ status, location, cookies }, note) {
    const headers = cookies.map((cookie) => `Set-Cookie: ${cookie}`);
    const shown = headers.length > 0 ? headers.join(' | ') : 'no Set-Cookie';
    this.say(`← ${status}${location ? ` to ${location}` : ''} | ${shown}${note ? ` | ${note}` : ''}`);
  }

  check(claim, holds, detail) {
    if (holds) this.passed += 1;
    else this.failed += 1;
    this.say(holds ? `✓ ${claim}` : `✗ ${claim}${detail === undefined ? '' : ` (${detail})`}`);
  }

  fail(reason) {
    this.failed += 1;
    this.say(`✗ ${reason}`);
  }

  /** One line for people and machines. */
  get closingLine() {
    return `${this.passed} passed, ${this.failed} failed`;
  }
}

function describeForm(form) {
  return Object.entries(form)
    .map(([name, value]) => `${name}=${name === 'password' ? '…' : value}`)
    .join('&');
}

/** Shortens every token: what is printed opens no session. */
function withoutTokens(line) {
  return line.replaceAll(/(?<![\w-])[\w-]{59}(?![\w-])/g, (token) => `${token.slice(0, 6)}…${token.slice(-4)}`);
}
