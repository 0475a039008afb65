// A Genkan of its own in a child process, for tests that kill it. Prints one JSON line when it is open.
import { loadConfig } from '../../src/config/load.ts';
import { openHouse } from '../../src/wire.ts';

const [file, issuer] = process.argv.slice(2) as [string, string];
const person = { id: 'dana', name: 'Dana', email: 'dana@example.com', groups: ['makers'] };
const house = await openHouse(loadConfig(file), { env: process.env, trial: { issuer, people: [person] } });
await house.listen();
const principal = (await house.people.find('dana'))!;
const url = `${house.publicUrl}/mcp/raw`;
const { token } = await house.trial!.token(principal, url);
console.log(JSON.stringify({ url, token }));
process.once('SIGTERM', () => void house.close().then(() => process.exit(0)));
