/** What happens to open sockets when their session ends, and which pages may open them. */
export class SocketOptions {
  /**
   * Whether a socket is closed when its session ends: for good at a logout, a revocation or the end
   * of its time; only its transport at a login or `regenerate()`, so that the client comes back
   * with its new cookie. Where the store can't be watched, only what ends in this process closes
   * sockets, unless you say `true` by hand, which then stops the start.
   * @default true
   */
  close?: boolean = true;

  /**
   * Pages of which other origins may open a socket with a session, such as
   * `'https://app.example.com'`. The host's own origin always may. A socket of any other page has
   * no session.
   * @default []
   */
  origins?: readonly string[] = [];
}
