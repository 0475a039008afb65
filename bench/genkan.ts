// Starts Genkan as a company would, with every check on unless told otherwise, in front of one HTTP server; prints its address and a token.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadConfig } from '../src/config/load.ts';
import { openHouse } from '../src/wire.ts';

const [folder, upstreamUrl] = process.argv.slice(2) as [string, string];
const port = Number(process.argv[4] ?? 7391);
/** Without looking at texts: what that costs is the difference. */
const unscanned = `inspect:
  shield:
    results: { suspicious: 'off', certain: 'off' }
    arguments: { suspicious: 'off', certain: 'off' }
  redaction: { secrets: 'off', numbers: 'off', contacts: 'off' }
`;
const issuer = 'http://127.0.0.1:9';
const file = path.join(folder, 'genkan.yaml');
writeFileSync(
  file,
  `listen: 127.0.0.1:${port}
data: data
log: { level: error }
identity:
  provider: { issuer: '${issuer}', allowInsecureIssuer: true, clientId: bench }
access:
  assignments: [{ principal: { group: bench }, role: MCP User, scope: /servers/raw }]
servers:
  raw: { url: '${upstreamUrl}' }
${process.argv[5] === 'unscanned' ? unscanned : ''}`,
);
const person = { id: 'bench', name: 'Bench', email: 'bench@example.com', groups: ['bench'] };
const house = await openHouse(loadConfig(file), { env: {}, trial: { issuer, people: [person] } });
await house.listen();
const principal = (await house.people.find('bench'))!;
const url = `${house.publicUrl}/mcp/raw`;
const { token } = await house.trial!.token(principal, url);
console.log(JSON.stringify({ url, token }));
process.once('SIGTERM', () => void house.close().then(() => process.exit(0)));
