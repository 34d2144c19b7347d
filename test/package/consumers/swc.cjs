// Compiles the app as `nest build --builder swc` does: `node swc.cjs commonjs|es6 dist-swc`.
const { mkdirSync, writeFileSync } = require('node:fs');
const { transformFileSync } = require('@swc/core');

const [type, folder] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
for (const name of ['account', 'app', 'main']) {
  const { code } = transformFileSync(`${name}.ts`, {
    module: { type },
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true, dynamicImport: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
      keepClassNames: true,
    },
  });
  writeFileSync(`${folder}/${name}.js`, code);
}
