// What the sessions of the benchmark hold: the same for every variant.

/** A visitor with a cart: some 300 bytes of BSON. */
export function smallSession(user) {
  return {
    user,
    views: 0,
    locale: 'en-GB',
    theme: 'dark',
    csrf: 'q7Yx0b1tVfK3mZr9cL2pWsHd',
    cart: Array.from({ length: 3 }, (_, index) => item(index)),
  };
}

/** One key is a counter as above, another holds a nested list that makes it 100 KiB of BSON. */
export function largeSession(user) {
  return { ...smallSession(user), history: Array.from({ length: 1187 }, (_, index) => item(index)) };
}

function item(index) {
  return {
    sku: `item-${String(index).padStart(6, '0')}`,
    count: (index % 9) + 1,
    price: 19.5 + index,
    tags: ['a', 'b'],
  };
}
