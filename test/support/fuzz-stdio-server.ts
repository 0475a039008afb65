// A child process that is a fuzz server of the legacy family: node fuzz-stdio-server.ts SEED. The prompt of that name tells how much it has said.
import { createInterface } from 'node:readline';
import { createDice, createMutator } from './fuzz-mutations.ts';
import { record, unasked } from './fuzz-recordings.ts';
import { createFuzzServer } from './fuzz-server.ts';

const dice = createDice(Number(process.argv[2]));
const values = [null, 1, 'text', true, [], {}, { a: [1, 'b'] }, 'x'.repeat(300)];
const server = createFuzzServer({
  recordings: await record('legacy'),
  unasked: unasked.legacy,
  mutator: createMutator(dice, values),
  dice,
  noise: 3,
});
createInterface({ input: process.stdin }).on('line', (line) => {
  const asked = line.includes('"name":"how much was said"') ? (JSON.parse(line) as { id: unknown }) : undefined;
  if (asked !== undefined) {
    const content = { type: 'text', text: JSON.stringify({ said: server.said, offences: server.offences }) };
    return void process.stdout.write(
      `${JSON.stringify({ jsonrpc: '2.0', id: asked.id, result: { messages: [{ role: 'user', content }] } })}\n`,
    );
  }
  for (const said of server.hear(line)) process.stdout.write(Buffer.concat([said, Buffer.from('\n')]));
});
