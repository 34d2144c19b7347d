export interface Product {
  id: string;
  name: string;
  cents: number;
}

export const PRODUCTS: readonly Product[] = [
  { id: 'tea', name: 'Tea & biscuits', cents: 450 },
  { id: 'lamp', name: 'Desk lamp', cents: 3900 },
  { id: 'book', name: 'Book “2 < 3”', cents: 1250 },
];
