/*
 * A consumer of the auth component that is no gateway: JavaScript, into which jco turns the component. It gives the component
 * all that it asks for, an environment and a clock. Prints TAP.
 *
 * usage: node consumer.mjs AUTH_WASM JCO, where JCO is what `script/jco --where` says
 */
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const SECRET = 'a secret of the tests, thirty-two bytes or more';
const USER = '0191a000-0000-7000-8000-00000000000a';
const [component, jco] = process.argv.slice(2);
const keys = generateKeyPairSync('ed25519');
const environment = {
  JWT_SECRET: SECRET,
  JWKS: JSON.stringify({ keys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid: 'js' }] }),
};

/** The component's exports, over these variables and a clock that `clock.seconds` holds. */
async function instantiate(variables, clock) {
  const { transpile } = await import(pathToFileURL(join(jco, 'node_modules/@bytecodealliance/jco-transpile/dist/index.js')));
  const { files } = await transpile(component, { name: 'auth', instantiation: 'async' });
  const folder = await mkdtemp(join(tmpdir(), 'auth-'));
  try {
    // A module by its name, since no package.json says so there.
    await writeFile(join(folder, 'auth.mjs'), files['auth.js']);
    const { instantiate } = await import(pathToFileURL(join(folder, 'auth.mjs')));
    return await instantiate((name) => WebAssembly.compile(files[name]), {
      'wasi:cli/environment': { getEnvironment: () => Object.entries(variables) },
      'wasi:clocks/wall-clock': { now: () => ({ seconds: clock.seconds, nanoseconds: 0 }) },
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

function token(header, claims, signature) {
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${signature(text).toString('base64url')}`;
}

const hs256 = (secret) => (text) => createHmac('sha256', secret).update(text).digest();
const ed25519 = (text) => sign(null, Buffer.from(text), keys.privateKey);

let count = 0;
let failures = 0;
function report(good, name, comment = '') {
  failures += !good;
  console.log(`${good ? 'ok' : 'not ok'} ${++count} - ${name}${comment && ` # ${comment}`}`);
}

const clock = { seconds: 1_700_000_000n };
const { verifyToken } = (await instantiate(environment, clock))['demo:auth/authenticator'];
const claims = { sub: USER, exp: 1_700_000_600 };
const good = token({ alg: 'HS256' }, claims, hs256(SECRET));

function expectUser(name, text) {
  const result = verifyToken(text);
  report(result.authenticated && result.userId === USER && result.error === undefined, name, JSON.stringify(result));
}

function expectError(name, text, error) {
  const result = verifyToken(text);
  report(!result.authenticated && result.userId === undefined && result.error === error, name, JSON.stringify(result));
}

expectUser('a token of a secret', good);
expectUser('a token of a public key', token({ alg: 'EdDSA', kid: 'js' }, claims, ed25519));
expectError('a signature by another secret', token({ alg: 'HS256' }, claims, hs256(`${SECRET}.`)), 'Invalid signature');
expectError('a public key as a secret', token({ alg: 'HS256' }, claims, hs256(environment.JWKS)), 'Invalid signature');
expectError('no signature', token({ alg: 'none' }, claims, () => Buffer.alloc(0)), 'Unsupported algorithm: none');
expectError('no token', '', 'Invalid token format');
expectError('no UTF-16 that is UTF-8', `${good}\ud800`, 'Invalid signature encoding');
clock.seconds = 1_700_000_600n;
expectError('a token that is as old as it may get', good, 'Token expired');
clock.seconds = 1_700_000_599n;
expectUser('a token in its last second', good);

const rounds = 5000;
const begin = process.hrtime.bigint();
let same = true;
for (let i = 0; i < rounds; i++) same &&= verifyToken(good).userId === USER;
const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
report(same, 'the same answer every time', `${Math.round(rounds / seconds)} calls per second`);

const { authenticator } = await instantiate({}, clock);
const unconfigured = authenticator.verifyToken(good);
report(!unconfigured.authenticated && unconfigured.error === 'Token verification is not configured', 'no keys, no users');
console.log(`1..${count}`);
process.exitCode = failures > 0 ? 1 : 0;
