// Messages of a socket that was opened before the race, beside requests: the same pause points, the same model.
import { EventEmitter } from 'node:events';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { SessionError } from '../../../../lib/core/errors.js';
import type { MessageSession } from '../../../../lib/sockets/message-session.js';
import { connectionOf } from '../../../../lib/sockets/socket-connection.js';
import { SocketSessions } from '../../../../lib/sockets/socket-sessions.js';
import { registrationOn } from '../../../support/core/world.js';
import { NAME, clock, inProcess } from './in-process.js';
import type { AnySession } from './operations.js';
import type { RaceTrack, SentRequest } from './race.js';
import { type PlainStore, steppedStore } from './stepped.store.js';

/** A socket of ws as a server has it, without a network. */
class ServerSocket extends EventEmitter {
  readonly readyState = 1;
  readonly protocol = '';
  close(): void {}
  terminate(): void {}
}

interface Options {
  /** Which of those that race is a message. */
  readonly isMessage: (index: number) => boolean;
  /** All messages in one process, on one socket. Else each has a socket in a process of its own. */
  readonly isOneSocket?: boolean;
  readonly around?: (store: PlainStore) => PlainStore;
}

/** Starts a message on an open socket. */
type StartMessage = () => MessageSession;

export function withMessages(store: PlainStore, document: RaceTrack['document'], options: Options): RaceTrack {
  const { isMessage, isOneSocket = false, around = (given) => given } = options;
  const stepped = steppedStore(around(store));
  const requests = inProcess(store, document, { around });
  /** By the token that a race begins with. */
  const sockets = new Map<string, readonly StartMessage[]>();

  const processes = [0, 1].map(
    () =>
      new SocketSessions(registrationOn(stepped, clock), ({ headers }) => {
        return { headers, secure: true, remoteAddress: undefined, host: 'shop.test' };
      }),
  );

  async function open(token: string, sessions: SocketSessions): Promise<StartMessage> {
    const connection = connectionOf(new ServerSocket())!;
    const handshake = new IncomingMessage(new Socket());
    handshake.headers['cookie'] = `${NAME}=${token}`;
    const start = () => sessions.of(connection, () => handshake, { convert: (error) => error });
    await start().load();
    return start;
  }

  return {
    document,
    probe: {
      ...requests.probe,
      async seed(data) {
        const token = await requests.probe.seed(data);
        const [here, elsewhere] = processes;
        const first = await open(token, here!);
        sockets.set(token, [first, isOneSocket ? first : await open(token, elsewhere!)]);
        return token;
      },
    },
    bridge: {
      send: (sent) => {
        const { index } = sent.racer;
        return isMessage(index) ? send(sockets.get(sent.token!)![index]!, sent) : requests.bridge.send(sent);
      },
    },
  };
}

async function send(start: StartMessage, { racer, handle, answered, ended }: SentRequest): Promise<void> {
  const message = start();
  await message.load();
  let session: AnySession;
  try {
    session = message.session as AnySession;
  } catch (error) {
    if (codeOf(error) !== 'SESSION_ENDED') throw error;
    return ended();
  }
  let status = 200;
  let result: unknown;
  try {
    result = await handle(session);
    await message.save();
  } catch (error) {
    status = (error as SessionError).httpStatus;
  }
  await racer.pause('before headers');
  await answered({ status, token: undefined, result });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof SessionError ? error.code : undefined;
}
