import { plantLeaks } from './leaks.js';

plantLeaks();
