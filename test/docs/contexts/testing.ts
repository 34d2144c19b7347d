// A test file of an app.
import { expect, test } from 'vitest';

// <code block>
