// Settings of pins: what is approved by the policy, and what waits for a person.
import { z } from 'zod';

const firstContact = z
  .enum(['approve', 'review'])
  .describe(
    'What becomes of what a server shows when Genkan meets it: `approve` takes it as it is, but for items that look like an attack; `review` lets nothing be used before a person has approved it.',
  );
const onChange = z
  .enum(['block', 'alarm'])
  .describe(
    'What becomes of an item that is another than the approved one: `block` withholds it until a person has approved it, `alarm` lets it pass and says so.',
  );
const onAdd = z
  .enum(['block', 'alarm'])
  .describe('The same for tools, prompts and templates that come after a server was met, renamed ones among them.');
const onNewResource = z
  .enum(['block', 'pass'])
  .describe(
    'The same for resources: they come and go with what they hold, so that new ones pass unless told otherwise.',
  );
const onShadowing = z
  .enum(['block', 'alarm'])
  .describe(
    "What becomes of a tool whose name is, or looks like, that of another server's tool, and of a text that gives orders about another server.",
  );

const one = { firstContact, onChange, onAdd, onNewResource, onShadowing };

export const pinSettings = z
  .strictObject({
    firstContact: firstContact.default('approve'),
    onChange: onChange.default('block'),
    onAdd: onAdd.default('block'),
    onNewResource: onNewResource.default('pass'),
    onShadowing: onShadowing.default('block'),
    alike: z
      .array(z.array(z.string().min(1).max(64)).min(2).max(100))
      .max(100)
      .default([])
      .describe(
        'Servers that are the same program in several places, such as one for each stage: they may have the same tools. Servers of the configuration with the same command or address are known to be.',
      ),
    settleSeconds: z
      .number()
      .min(0)
      .max(600)
      .default(10)
      .describe(
        'For so long after a server was met what it adds is part of the first contact: some list piece by piece.',
      ),
    maxItems: z
      .int()
      .min(10)
      .max(100_000)
      .default(10_000)
      .describe('Items kept of one server. What a server shows beyond that is withheld.'),
    servers: z
      .record(z.string().min(1).max(64), z.strictObject(one).partial())
      .default({})
      .describe('What is different for single servers, by name.'),
  })
  .describe('Pins: what servers show is used as it was approved.');

export type PinSettings = z.output<typeof pinSettings>;
export type PinRules = Pick<PinSettings, keyof typeof one>;

export function rulesFor(
  { servers, alike: _, maxItems: __, settleSeconds: ___, ...common }: PinSettings,
  server: string,
): PinRules {
  const own = Object.hasOwn(servers, server) ? servers[server]! : {};
  return { ...common, ...(Object.fromEntries(Object.entries(own).filter(([, rule]) => rule !== undefined)) as object) };
}
