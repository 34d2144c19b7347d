// May share its process with `leaks.run.ts`.
import { plantLeaks } from './leaks.js';

plantLeaks();
