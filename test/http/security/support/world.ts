export * from '../../../support/world.js';
