/*
 * Serves the composed component on Node.js: jco makes JavaScript of it, and runs it under the HTTP server of its WASI. That is what
 * `jco serve` does; this one says where it listens, and shows the component no more of the environment than it is told to.
 *
 * usage: node serve.mjs JCO HOST:PORT COMPONENT NAME..., where JCO is what `script/jco --where` says and each NAME a variable
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [jco, address, component, ...names] = process.argv.slice(2);
const modules = join(jco, 'node_modules');
const load = (path) => import(pathToFileURL(path));

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));

const { transpile } = await load(join(modules, '@bytecodealliance/jco-transpile/dist/index.js'));
const { files } = await transpile(component, { name: 'edge', instantiation: 'sync' });
const folder = mkdtempSync(join(tmpdir(), 'edge-jco-'));
writeFileSync(join(folder, 'edge.mjs'), files['edge.js']);
const { instantiate } = await load(join(folder, 'edge.mjs'));
rmSync(folder, { recursive: true });

const wasi = Object.fromEntries(await Promise.all(['cli', 'clocks', 'http', 'io', 'random']
  .map(async (part) => [part, await load(join(modules, `@bytecodealliance/preview2-shim/lib/nodejs/${part}.js`))])));
wasi.cli._setEnv(Object.fromEntries(names.map((name) => [name, process.env[name] ?? '']))); // empty: not set
// The shim's own splice looks for the source among its output streams (0.17.9). What moves is what both sides have ready.
wasi.io.streams.OutputStream.prototype.splice = function splice(source, length) {
  const room = this.checkWrite();
  const bytes = source.read(room < length ? room : length);
  this.write(bytes);
  return BigInt(bytes.length);
};
const edge = instantiate((name) => new WebAssembly.Module(files[name]), {
  'wasi:cli/environment': wasi.cli.environment,
  'wasi:clocks/monotonic-clock': wasi.clocks.monotonicClock,
  'wasi:clocks/wall-clock': wasi.clocks.wallClock,
  'wasi:http/outgoing-handler': wasi.http.outgoingHandler,
  'wasi:http/types': wasi.http.types,
  'wasi:io/error': wasi.io.error,
  'wasi:io/poll': wasi.io.poll,
  'wasi:io/streams': wasi.io.streams,
  'wasi:random/random': wasi.random.random,
});

const server = new wasi.http.HTTPServer(edge.incomingHandler);
const colon = address.lastIndexOf(':');
server.listen(Number(address.slice(colon + 1)), address.slice(0, colon));
const bound = server.address();
console.log(`serving on http://${bound.address}:${bound.port}/`);
