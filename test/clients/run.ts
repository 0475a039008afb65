// Tries real MCP clients with a real Genkan, sign-in in the browser included: npm run clients.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Driver } from './driver.ts';
import { openFrontDoor } from './front-door.ts';
import type { FrontDoor } from './front-door.ts';
import { addressesFor, visit } from './visit.ts';

const home = import.meta.dirname;
const { values: only } = parseArgs({ options: { client: { type: 'string' } } });

install();
const drivers = await Promise.all(readdirSync(path.join(home, 'drivers')).map(read));
await using door = await openFrontDoor();
let failures = 0;
// Those of HTTP+SSE first: their streams would not outlive the first recheck with tokens of seconds.
for (const driver of drivers.flat().toSorted((one, other) => rank(one) - rank(other))) {
  if (only.client !== undefined && !driver.client.includes(only.client)) continue;
  const troubles = await tryOut(door, driver);
  failures += troubles.length;
  for (const trouble of troubles) console.log(`  ${trouble.replaceAll('\n', '\n    ')}`);
}
process.exitCode = failures === 0 ? 0 : 1;

function rank({ speaks }: Driver): number {
  return speaks === 'HTTP+SSE' ? 0 : 1;
}

/** Visits every address with one client and prints what it did. @returns what went wrong */
async function tryOut(door: FrontDoor, driver: Driver): Promise<string[]> {
  const troubles: string[] = [];
  const before = await door.records();
  const addresses = addressesFor(driver);
  const walks = addresses.map(async (address) => {
    const steps: string[] = [];
    await visit(door, driver, address, (step) => steps.push(step)).catch((error: Error) =>
      troubles.push(`${address.path}, after "${steps.at(-1) ?? 'nothing'}": ${error.stack}`),
    );
    return steps;
  });
  const steps = (await Promise.all(walks)).sort((a, b) => a.length - b.length)[0]!;

  const records = (await door.records()).slice(before.length);
  const times = (action: string): number => records.filter((each) => each.action === action).length;
  const signIns = times('identity.tokenIssued');
  if (signIns !== addresses.length) troubles.push(`${signIns} sign-ins at ${addresses.length} addresses`);
  if (times('identity.tokenRefreshed') < addresses.length) troubles.push('it did not refresh its tokens everywhere');
  const era = driver.speaks === '2026-07-28' ? 'modern' : 'legacy';
  const calls = records.filter(({ action, result }) => action === 'tools/call' && result === 'allowed');
  if (calls.some(({ details }) => details['era'] !== era)) troubles.push(`it did not speak as the ${era} era does`);

  const verdict = troubles.length === 0 ? 'ok    ' : 'FAILED';
  const where = addresses.map(({ path }) => path).join(', ');
  console.log(`${verdict} ${versioned(driver.client)}, ${driver.speaks}, at ${where}: ${steps.join(', ')}`);
  return troubles;
}

/** The clients weigh much and only this needs them, so they are a package of their own. */
function install(): void {
  if (existsSync(path.join(home, 'node_modules'))) return;
  console.log('Installing the clients into test/clients/node_modules, once: about 200 MB');
  const env = { ...process.env, NODE_OPTIONS: '' }; // this alone needs the network
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--prefix', home], { stdio: 'inherit', env });
  if (status !== 0) process.exit(1);
}

async function read(file: string): Promise<readonly Driver[]> {
  const module = (await import(pathToFileURL(path.join(home, 'drivers', file)).href)) as { drivers: readonly Driver[] };
  return module.drivers;
}

/** The name of a client with the version that is installed. */
function versioned(client: string): string {
  const [name] = client.split(' ') as [string];
  const file = path.join(home, 'node_modules', name, 'package.json');
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return client.replace(name, `${name} ${version}`);
}
