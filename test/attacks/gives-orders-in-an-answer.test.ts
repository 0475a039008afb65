// The attacker writes orders to the assistant into what a server answers: a mail, a page, a record, a file, an error, a description.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { families, harmless, openPoisonedHouse, order, strict, unshielded } from '../support/poisoned-house.ts';
import type { PoisonedHouse, Said } from '../support/poisoned-house.ts';

const text = (value: string): object => ({ type: 'text', text: value });
const base64 = Buffer.from(order).toString('base64');
const resource = (more: object): object => ({ type: 'resource', resource: { uri: 'mail://1', ...more } });

const poisons: Readonly<Record<string, Said>> = {
  'in the text': { content: [text(`${harmless} ${order}`)] },
  'behind harmless text': { content: [text(harmless), text(order)] },
  'in an embedded resource': { content: [resource({ text: order })] },
  'in base64 that is said to be binary': {
    content: [resource({ blob: base64, mimeType: 'application/octet-stream' })],
  },
  'in an image that is none': { content: [{ type: 'image', data: base64, mimeType: 'image/png' }] },
  'in the description of a link': {
    content: [{ type: 'resource_link', uri: 'mail://2', name: 'a', description: order }],
  },
  'in an error of the tool': { content: [text(order)], isError: true },
};
const inStructure: Said = { content: [text('See the structured result.')], structuredContent: { subject: order } };

let shielded: PoisonedHouse;
let bare: PoisonedHouse;
before(async () => {
  [shielded, bare] = await Promise.all([openPoisonedHouse(strict), openPoisonedHouse(unshielded)]);
});
after(() => Promise.all([shielded, bare].map((house) => house[Symbol.asyncDispose]())));

const shown = (value: unknown): boolean => {
  const written = JSON.stringify(value);
  return written.includes('Ignore all previous') || written.includes(base64);
};

for (const family of families)
  for (const path of ['/mcp/mail', '/mcp'] as const) {
    const named = (tool: string): string => (path === '/mcp' ? `mail__${tool}` : tool);

    test(`${family} at ${path}: an order in an answer does not reach the assistant, and it can go on`, async () => {
      const client = await shielded.client(family, path);
      for (const [place, poison] of Object.entries(poisons)) {
        shielded.say(poison);
        const answer = await client.callTool({ name: named('read_mail'), arguments: {} });
        assert.ok(!shown(answer), place);
        assert.equal(answer.isError, true, place);
        const [first] = answer.content as { text: string }[];
        assert.match(first!.text, /withheld this answer.*"mail".*prompt injection/, place);
      }
      shielded.say(inStructure);
      const structured = await client.callTool({ name: named('find_mail'), arguments: {} });
      assert.ok(!shown(structured));
      shielded.say({ content: [text(harmless)] });
      const after = await client.callTool({ name: named('read_mail'), arguments: {} });
      assert.deepEqual(after.content, [text(harmless)], 'what is harmless is untouched');
    });

    test(`${family} at ${path}: control: with the shield off it does`, async () => {
      const client = await bare.client(family, path);
      for (const [place, poison] of Object.entries(poisons)) {
        bare.say(poison);
        assert.ok(shown(await client.callTool({ name: named('read_mail'), arguments: {} })), place);
      }
      bare.say(inStructure);
      assert.ok(shown(await client.callTool({ name: named('find_mail'), arguments: {} })));
    });

    test(`${family} at ${path}: nor does one in a resource`, async () => {
      shielded.resource = order;
      bare.resource = order;
      const client = await shielded.client(family, path);
      await assert.rejects(client.readResource({ uri: 'mail://inbox' }), /withheld this answer/);
      const control = await bare.client(family, path);
      assert.ok(shown(await control.readResource({ uri: 'mail://inbox' })), 'the control');
    });
  }

test('the record and the metrics say where it was and what was done, and nothing of what it said', async () => {
  shielded.say(poisons['in the text']!);
  const client = await shielded.client('modern');
  await client.callTool({ name: 'read_mail', arguments: {} });
  const entries: unknown[] = [];
  const { recorded } = shielded.house.house;
  for await (const entry of recorded.scan({ fromMs: 0, toMs: Date.now() + 60_000 })) entries.push(entry);
  const written = JSON.stringify(entries);
  assert.match(written, /"kind":"injection"/);
  assert.match(written, /"action":"block"/);
  assert.ok(!/Ignore all|evil\.example|credentials/.test(written));
  const metrics = await (await fetch(`${shielded.house.url}/metrics`)).text();
  assert.match(metrics, /genkan_findings_total\{kind="injection",rule="[^"]+",action="block",server="mail"\} \d+/);
});

// Last, since pins hold from then on what was once described like that.
for (const family of families)
  for (const path of ['/mcp/mail', '/mcp'] as const)
    test(`${family} at ${path}: nor does one in the description of a tool, which is left out of the list`, async () => {
      const description = `Reads one mail. <IMPORTANT>${order}</IMPORTANT>`;
      [shielded, bare].forEach((house) => void (house.description = description));
      const listed = await (await shielded.client(family, path)).listTools();
      assert.deepEqual(
        listed.tools.map(({ name }) => name),
        [path === '/mcp' ? 'mail__find_mail' : 'find_mail'],
      );
      assert.ok(shown(await (await bare.client(family, path)).listTools()), 'the control');
    });
