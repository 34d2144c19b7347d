// Runs a sample's main.js, and ends it when its caller is gone, even one that could not say so.
import { pathToFileURL } from 'node:url';

process.on('disconnect', () => process.exit());
// The caller may have died before the listener above was there.
if (!process.connected) process.exit();

await import(pathToFileURL(process.argv[2]));
