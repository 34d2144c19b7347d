// Puts the previous majors of Nest and Mongoose over what the lock file holds, so that the same tests run with them:
// the versions of the consumer on Nest 11. `npm ci` brings the others back.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const read = (path) => JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8'));
const { dependencies } = read('test/package/consumers/nest-11-commonjs/package.json');
const graphql = Object.fromEntries(['graphql', 'apollo', 'mercurius'].map((name) => [`@nestjs/${name}`, '13.4.5']));
const sockets = Object.fromEntries(
  ['websockets', 'platform-socket.io', 'platform-ws'].map((name) => [`@nestjs/${name}`, '11.2.6']),
);
// Its next major imports Nest in a way that only Nest 12 has.
const cls = { 'nestjs-cls': '6.3.1' };
// The one of its platform package: with two copies, what plugins declare would be missing in one of them.
const fastify = { fastify: '5.11.3' };
// The oldest driver that package.json allows.
const floor = process.argv.includes('--floor') ? { mongoose: '8.10.0' } : {};
const wanted = { ...dependencies, ...graphql, ...sockets, ...cls, ...fastify, '@nestjs/testing': '11.2.6', ...floor };

const args = Object.entries(wanted).map(([name, version]) => `${name}@${version}`);
execFileSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', ...args], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
for (const [name, version] of Object.entries(wanted)) {
  const installed = read(`node_modules/${name}/package.json`).version;
  if (installed !== version) throw new Error(`${name} is ${installed} after the installation, not ${version}`);
  console.log(`${name} ${installed}`);
}
