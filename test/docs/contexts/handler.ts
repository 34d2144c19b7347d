// Inside a handler: what it has at hand.
import type { SessionObject } from 'nestjs-mongo-sessions';

interface Data {
  items?: { name: string; amount: number }[];
  theme?: 'light' | 'dark';
}

declare const session: SessionObject<Data>;
declare const user: { id: string };

// <code block>
