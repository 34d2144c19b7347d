export interface CartLine {
  product: string;
  quantity: number;
}

export interface ShopData {
  cart?: CartLine[];
  /** Who is logged in, by their login name. */
  user?: string;
}

/** What the shop needs of a request, whichever library its session comes from. */
export interface ShopRequest {
  readonly session: ShopData & {
    regenerate(keys: string[]): Promise<void>;
    destroy(): Promise<void>;
  };
}
