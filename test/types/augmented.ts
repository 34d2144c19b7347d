// What an app declares of its sessions. The names are unlikely ones, for all tests are checked as one program.
export interface Item {
  sku: string;
  amount: number;
}

declare module '../../lib/index.js' {
  interface SessionData {
    typedCart?: Item[];
    typedVisits?: number;
    typedUser?: { readonly id: string };
  }
}
