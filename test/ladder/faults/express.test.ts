// What the network and the server can do to each operation of the store, and what the client then hears.
import { describe } from 'vitest';
import { describeFaults } from './support/matrix.js';

describe('express:', () => describeFaults('express'));
