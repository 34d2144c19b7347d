/** Where the adapter reports what no caller is told of. A message ends with the fix. */
export interface StoreLog {
  warn(message: string): void;
  error(message: string): void;
}
