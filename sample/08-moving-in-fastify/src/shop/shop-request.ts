export interface CartLine {
  product: string;
  quantity: number;
}

/** What the shop needs of a request, whichever library its session comes from. */
export interface ShopRequest {
  readonly session: {
    cart?: CartLine[];
    get(key: string): unknown;
    set(key: string, value: unknown): void;
    regenerate(keys: string[]): Promise<void>;
    destroy(): Promise<void>;
  };
}
