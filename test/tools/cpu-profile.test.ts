// What the profile of an app is summed up to, on one that is made up.
import { expect, test } from 'vitest';
import { summarize } from '../../bench/cpu-profile.mjs';

test('a profile is summed up by whose code it is, without the time that nothing is done', () => {
  const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 4 });
  const frames = [
    frame('(idle)'),
    frame('read', 'file:///a/dist/core/x.js'),
    frame('dispatch', 'file:///a/node_modules/mongodb/lib/y.js'),
  ];
  const nodes = frames.map((callFrame, id) => ({ id, callFrame }));
  const { groups, functions } = summarize({ nodes, samples: [0, 1, 1, 2], timeDeltas: [900, 30, 45, 25] });
  expect(groups).toEqual([
    { name: 'this library, core', share: 0.75 },
    { name: 'driver and BSON', share: 0.25 },
  ]);
  expect(functions[0]).toEqual({ name: 'read', group: 'this library, core', place: 'dist/core/x.js:5', share: 0.75 });
});
