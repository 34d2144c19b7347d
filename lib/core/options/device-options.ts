/** What is noted of the device that a session is used on. */
export class DeviceOptions {
  /**
   * The address of the request, as the platform's own proxy settings tell it: whole, only its
   * network (`/24`, with IPv6 `/48`), or not at all.
   * @default 'full'
   */
  ip?: 'full' | 'prefix' | false = 'full';

  /** The header `User-Agent`: its first 256 characters. @default true */
  userAgent?: boolean = true;
}
