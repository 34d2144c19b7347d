// A process of the benchmark, as its runner sees it: asked over IPC, with a limit to every wait, and ended whatever happens.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const ANSWER_MS = 60_000;
const END_MS = 5_000;

/** Starts a script of this folder by that Node, and waits for its first message. */
export async function startChild(name, script, input, { node, flags = [] }) {
  const file = new URL(script, import.meta.url).pathname;
  const process_ = spawn(node.path, [...flags, file, JSON.stringify(input)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const child = new Child(name, process_);
  try {
    child.greeting = await child.next(0);
    return child;
  } catch (error) {
    await child.stop();
    throw error;
  }
}

class Child {
  #process;
  #waiting = new Map();
  #lastId = 0;

  constructor(name, process_) {
    this.name = name;
    this.#process = process_;
    process_.on('message', ({ id = 0, error, ...message }) => {
      const call = this.#waiting.get(id);
      if (error === undefined) call?.resolve(message.value ?? message);
      else call?.reject(new Error(`${name}: ${error}`));
    });
    process_.once('error', (error) => this.#fail(error.message));
    process_.once('exit', (code, signal) => this.#fail(`ended with ${signal ?? `code ${code}`}`));
  }

  /** The answer to a question. */
  ask(ask, input = {}) {
    this.#lastId += 1;
    const answer = this.next(this.#lastId);
    this.#process.send({ id: this.#lastId, ask, ...input }, (error) => {
      if (error) this.#fail(error.message);
    });
    return answer;
  }

  next(id) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#fail(`no answer within ${ANSWER_MS / 1000} s`), ANSWER_MS);
      const settle = (end) => (value) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        end(value);
      };
      this.#waiting.set(id, { resolve: settle(resolve), reject: settle(reject) });
    });
  }

  async stop() {
    const { exitCode, signalCode, pid, connected } = this.#process;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const gone = once(this.#process, 'exit');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), END_MS);
    if (connected) this.#process.send({ ask: 'end' }, () => {});
    else this.#process.kill('SIGKILL');
    await gone;
    clearTimeout(timer);
  }

  #fail(reason) {
    for (const { reject } of this.#waiting.values()) reject(new Error(`${this.name}: ${reason}`));
  }
}
