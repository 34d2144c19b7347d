import { WsAdapter } from '@nestjs/platform-ws';
import type { WebSocket } from 'ws';
import { HAS_NEST_12 } from './peers.js';

/**
 * Nest 11 emits the exceptions of messages on the server's own side of a ws socket, and tells the client nothing; apps forward
 * them, as docs/43-sockets.md says.
 */
export class TellingWsAdapter extends WsAdapter {
  override bindClientConnect(server: never, callback: (...args: unknown[]) => void): void {
    super.bindClientConnect(server, (...args: unknown[]) => {
      const [client] = args as [WebSocket];
      if (!HAS_NEST_12) client.on('exception', (data) => client.send(JSON.stringify({ event: 'exception', data })));
      callback(...args);
    });
  }
}
