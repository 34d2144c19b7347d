// Who may import whom inside lib/, types included: the table of the house. `node tools/check-layers.mjs [folder...]`
// looks at sources (lib) and at what is shipped (dist) alike, and ends with 1 when something reaches where it may not.
import { readFileSync, readdirSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const DECLARED = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];

/** The files that package.json exports, without extension: they alone are barrels, each for those outside. */
const ENTRY_POINTS = Object.values(manifest.exports).flatMap((entry) =>
  typeof entry === 'string' ? [] : [entry.default.replace('./dist/', '').replace(/\.js$/, '')],
);

const DATA = ['core', 'core/data'];
const TOKEN = [...DATA, 'core/token'];
const STORE = [...TOKEN, 'core/store'];
const SESSION = [...STORE, 'core/session'];
const OPTIONS = [...SESSION, 'core/encryption', 'core/options'];
const LIFECYCLE = [...OPTIONS, 'core/lifecycle'];
/** The last three don't import each other. */
const CORE = [...LIFECYCLE, 'core/moving', 'core/request', 'core/users'];

const core = (...ours) => ({ ours, packages: [], node: (name) => !/^node:(https?2?|net|tls)$/.test(name) });

/** Folder (`.` is lib itself; core has a second level) -> folders of ours, packages and Node modules that it may import. */
const LAYERS = {
  core: core('core'),
  'core/data': core(...DATA),
  'core/token': { ...core(...TOKEN), packages: ['cookie'] },
  'core/store': core(...STORE),
  'core/session': core(...SESSION),
  'core/encryption': core(...STORE, 'core/encryption'),
  'core/options': core(...OPTIONS),
  'core/lifecycle': core(...LIFECYCLE),
  'core/moving': { ...core(...LIFECYCLE, 'core/moving'), packages: ['cookie'] },
  'core/request': core(...LIFECYCLE, 'core/request'),
  'core/users': core(...LIFECYCLE, 'core/users'),
  mongo: { ours: [...CORE, 'mongo'], packages: ['mongoose', '@nestjs/mongoose', '@nestjs/common'], node: () => true },
  http: { ours: [...CORE, 'http'], packages: [], node: () => true },
  sockets: { ours: [...CORE, 'sockets'], packages: [], node: () => true },
  nest: { ours: [...CORE, 'mongo', 'http', 'sockets', 'nest'], packages: DECLARED, node: () => true },
  testing: { ours: [...CORE, 'mongo', 'nest', 'testing'], packages: ['@nestjs/common', 'mongoose'], node: () => true },
  'moving-in': { ours: [...CORE, 'moving-in'], packages: [], node: () => true },
  '.': { ours: [...CORE, 'mongo', 'http', 'nest'], packages: DECLARED, node: () => true },
};

/** One line for every import that breaks the table. */
export function findViolations(root) {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.[cm]?[jt]s$/.test(file))
    .map((file) => file.split(sep).join('/'));
  return files.toSorted().flatMap((file) => checkFile(root, file));
}

function checkFile(root, file) {
  const text = readFileSync(join(root, file), 'utf8');
  const path = posix.join(root.split(sep).join('/'), file);
  const layer = layerOf(file);
  const found = [];
  const report = (position, problem) => found.push(`${path}:${text.slice(0, position).split('\n').length} ${problem}`);
  if (!LAYERS[layer])
    return [`${path}:1 has no rule: say in tools/check-layers.mjs what the folder ${layer} may import`];
  if (isBarrel(file) && !ENTRY_POINTS.includes(withoutExtension(file))) {
    report(0, `is a barrel that package.json does not export; the only ones are ${ENTRY_POINTS.join(' and ')}`);
  }

  const { importedFiles, typeReferenceDirectives } = ts.preProcessFile(text, true, true);
  for (const { fileName, pos } of importedFiles) {
    // Types may be added to those of another module, if it is no error that there is none.
    if (/@ts-ignore[^\n]*\*\/\s*(declare module |[^\n]*import\()['"]?$/.test(text.slice(0, pos))) continue;
    const problem = fileName.startsWith('.') ? checkOurs(layer, file, fileName) : checkForeign(layer, fileName);
    if (problem) report(pos, problem);
  }
  for (const { fileName, pos } of typeReferenceDirectives) {
    if (fileName !== 'node') report(pos, `may not reference the types of '${fileName}': a consumer need not have them`);
  }
  return found;
}

function checkOurs(layer, file, specifier) {
  const target = posix.join(posix.dirname(file), specifier);
  if (target.startsWith('..')) return `may not import '${specifier}': it is outside of the library`;
  if (/(^|\/)index(\.[cm]?[jt]s)?$/.test(target))
    return `may not import '${specifier}': nothing inside lib imports a barrel`;
  if (LAYERS[layer].ours.includes(layerOf(target))) return undefined;
  return `may not import '${specifier}': ${layer} imports only ${LAYERS[layer].ours.join(', ')}`;
}

function checkForeign(layer, specifier) {
  if (specifier.startsWith('node:')) {
    return LAYERS[layer].node(specifier) ? undefined : `may not import '${specifier}': ${layer} knows no network`;
  }
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  if (LAYERS[layer].packages.includes(name)) return undefined;
  const allowed = LAYERS[layer].packages.join(', ');
  return `may not import '${specifier}': of the packages, ${layer} imports only ${allowed}`;
}

function isBarrel(file) {
  return /(^|\/)index(\.d)?\.[cm]?[jt]s$/.test(file);
}

function withoutExtension(file) {
  return file.replace(/(\.d)?\.[cm]?[jt]s$/, '');
}

function layerOf(file) {
  const [folder, ...inside] = file.split('/');
  if (inside.length === 0) return '.';
  return folder === 'core' && inside.length > 1 ? `core/${inside[0]}` : folder;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folders = process.argv.length > 2 ? process.argv.slice(2) : ['lib'];
  const violations = folders.flatMap((folder) => findViolations(folder));
  for (const violation of violations) console.error(violation);
  console.log(`layers: ${violations.length} violation(s) in ${folders.join(', ')}`);
  process.exitCode = violations.length > 0 ? 1 : 0;
}
