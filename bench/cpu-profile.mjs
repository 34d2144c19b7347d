// Sums a CPU profile of V8 up: self time by whose code it is, and by function.

const NATIVE = new Map([
  ['(garbage collector)', 'garbage collection'],
  ['(program)', 'native code outside of JavaScript (sockets, system calls)'],
]);

/** The process waits, or the profiler itself is at work. */
const NOT_COUNTED = new Set(['(idle)', 'dispatch']);

/** Packages that are parts of another one, as far as a reader is concerned. */
const FAMILIES = [
  [/^(mongodb|bson|mongodb-connection-string-url)$/, 'driver and BSON'],
  [/^(mongoose|kareem|mquery|mpath|sift)$/, 'mongoose'],
  [/^@nestjs\//, 'Nest'],
  [/^(rxjs|tslib|reflect-metadata)$/, 'rxjs'],
  [
    /^(fastify|@fastify\/(middie|fast-json-stringify.*|error|reusify|ajv.*)|find-my-way|light-my-request|avvio|reusify|fast-.*|secure-json-parse|pino|toad-cache|process-warning|rfdc)$/,
    'Fastify',
  ],
  [
    /^(express|router|body-parser|finalhandler|send|serve-static|qs|side-channel.*|raw-body|type-is|accepts|parseurl|path-to-regexp|encodeurl|etag|fresh|content-.*|mime-.*|negotiator|on-finished|ee-first|vary|statuses|http-errors|proxy-addr|ipaddr.js|forwarded|cookie-signature|merge-descriptors|multer|cors|media-typer|object-inspect)$/,
    'Express',
  ],
];

/**
 * @param {{ nodes: { id: number, callFrame: { functionName: string, url: string, lineNumber: number } }[], samples: number[], timeDeltas: number[] }} profile
 * @returns {{ groups: { name: string, share: number }[], functions: { name: string, group: string, place: string, share: number }[] }}
 */
export function summarize({ nodes, samples, timeDeltas }, { baseline } = {}) {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const groups = new Map();
  const functions = new Map();
  let total = 0;
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id);
    if (frame.url === '' && NOT_COUNTED.has(frame.functionName)) continue;
    const time = timeDeltas[index];
    total += time;
    const group = groupOf(frame, baseline);
    groups.set(group, (groups.get(group) ?? 0) + time);
    const key = `${frame.functionName} ${frame.url}:${frame.lineNumber}`;
    const before = functions.get(key);
    if (before) before.time += time;
    else functions.set(key, { name: frame.functionName || '(anonymous)', group, place: placeOf(frame), time });
  }
  const bySize = (a, b) => b.share - a.share;
  return {
    groups: [...groups].map(([name, time]) => ({ name, share: time / total })).toSorted(bySize),
    functions: [...functions.values()].map(({ time, ...rest }) => ({ ...rest, share: time / total })).toSorted(bySize),
  };
}

function groupOf({ functionName, url }, baseline) {
  if (url === '') return NATIVE.get(functionName) ?? 'native functions (socket writes, buffers, promises)';
  const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  if (name) return FAMILIES.find(([names]) => names.test(name))?.[1] ?? name;
  if (baseline && url.includes(new URL('.', `file://${baseline}`).pathname)) return 'this library, baseline';
  const [, folder] = /\/dist\/(?:(\w+)\/)?[^]*$/.exec(url) ?? [];
  if (url.includes('/dist/')) return `this library${folder ? `, ${folder}` : ''}`;
  if (url.includes('/bench/')) return 'the benchmark’s handlers';
  return url.startsWith('node:') ? groupOfNode(url) : 'others';
}

function groupOfNode(url) {
  if (/^node:(_http|http|internal\/http)/.test(url)) return 'Node: HTTP';
  if (/^node:(net|internal\/(stream_base|streams|js_stream)|stream|_stream)/.test(url))
    return 'Node: sockets and streams';
  if (/^node:internal\/(process|timers|async_hooks)|^node:(timers|async_hooks)/.test(url))
    return 'Node: ticks, timers, async hooks';
  return 'Node: everything else';
}

function placeOf({ url, lineNumber }) {
  if (!url) return '';
  const short = url.replace(/^.*\/(?:node_modules|bench)\//, '').replace(/^.*\/dist\//, 'dist/');
  return `${short}:${lineNumber + 1}`;
}
