// Where the session of an app comes from, by the names that are used on the command line and in the tables.

/** How many connections to MongoDB suit it best, as `npm run bench -- pool` finds; where nothing is said, the driver's default. */
const POOL = { 'by hand': 8, 'express-session tuned': 8, '@fastify/session tuned': 8 };

const LOADERS = {
  module: async () => (await import('./module.mjs')).moduleVariant,
  baseline: async () => (await import('./module.mjs')).moduleVariant,
  ambient: async () => (await import('./module.mjs')).ambientVariant,
  'on demand': async () => (await import('./module.mjs')).onDemandVariant,
  face: async () => (await import('./module.mjs')).faceVariant,
  'moving in': async () => (await import('./module.mjs')).movingInVariant,
  'by hand': async () => (await import('./by-hand.mjs')).byHandVariant,
  'express-session': async () => (await import('./express-session.mjs')).expressSessionVariant,
  'express-session tuned': async () => (await import('./express-session.mjs')).tunedExpressSessionVariant,
  '@fastify/session': async () => (await import('./fastify-session.mjs')).fastifySessionVariant,
  '@fastify/session tuned': async () => (await import('./fastify-session.mjs')).tunedFastifySessionVariant,
  none: async () => (await import('./none.mjs')).noneVariant,
  'empty middleware': async () => (await import('./none.mjs')).emptyMiddlewareVariant,
};

const ONLY_ON = { express: /^express-session/, fastify: /^@fastify\/session/ };

export const VARIANTS = Object.keys(LOADERS);

/** Measured only when `--only` names them. */
export const NAMED_ONLY = ['ambient', 'on demand', 'face', 'moving in'];

/** Those without a session answer the same to everyone. */
export const hasSessions = (variant) => variant !== 'none' && variant !== 'empty middleware';

export const poolSizeOf = (variant) => POOL[variant];

export function variantsOn(platform) {
  const elsewhere = Object.entries(ONLY_ON).filter(([name]) => name !== platform);
  return VARIANTS.filter((variant) => !elsewhere.some(([, names]) => names.test(variant)));
}

/** Loads that variant alone, so that an app's memory holds nothing of the others. */
export async function createVariant(name, given) {
  const create = await LOADERS[name]();
  return create(given);
}
