#!/usr/bin/env node
if (typeof Promise.withResolvers !== 'function') {
  const again = `node_modules/.bin/node ${process.argv.slice(1).join(' ')}`;
  process.stderr.write(
    `skerry needs Node 24 or newer, and this is ${process.version}. Here: ${again}\n`,
  );
  process.exit(78);
}
await import('../dist/main.js');
