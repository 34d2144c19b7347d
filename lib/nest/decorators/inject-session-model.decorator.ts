import { Inject } from '@nestjs/common';
import { getSessionModelToken } from '../tokens.js';

/**
 * Injects the Mongoose model of a registration's sessions (`Model<SessionDocument>`), to query
 * them. Change sessions only through `@Session()`: the store's promises depend on how it writes.
 */
export const InjectSessionModel = (name?: string): ParameterDecorator & PropertyDecorator =>
  Inject(getSessionModelToken(name));
