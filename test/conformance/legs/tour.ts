// Everything a legacy client can do with the fixture, done once, so that two ways to it can be compared result by result.
import type { Client } from '@modelcontextprotocol/client';

/** What came of each step: a result, an error, and what was heard meanwhile. */
export type Outcomes = Readonly<Record<string, unknown>>;

/** What the client must be able to do. */
export const tourist = {
  capabilities: { elicitation: { form: {} }, sampling: {}, roots: { listChanged: true } },
} as const;

const deadlineMs = 10_000;

export async function tour(client: Client): Promise<Outcomes> {
  const outcomes: Record<string, unknown> = {};
  const heard: unknown[] = [];
  const asked: unknown[] = [];
  const announcements = new Map<string, () => void>();

  client.setNotificationHandler('notifications/message', ({ params }) => void heard.push(params));
  for (const method of ['notifications/tools/list_changed', 'notifications/prompts/list_changed'] as const)
    client.setNotificationHandler(method, () => announcements.get(method)?.());
  let answer: () => unknown = () => ({ action: 'accept', content: { name: 'Dana', username: 'dana', email: 'd@e.f' } });
  client.setRequestHandler('elicitation/create', ({ params }) => {
    asked.push(params);
    return answer() as { action: 'accept' } | Promise<never>;
  });
  client.setRequestHandler('sampling/createMessage', ({ params }) => {
    asked.push(params);
    return { model: 'test', role: 'assistant', content: { type: 'text', text: 'Paris' } };
  });
  client.setRequestHandler('roots/list', () => ({ roots: [{ uri: 'file:///home/dana', name: 'home' }] }));

  const step = async (name: string, act: () => Promise<unknown>): Promise<void> => {
    heard.length = asked.length = 0;
    try {
      outcomes[name] = { result: await act(), heard: [...heard], asked: [...asked] };
    } catch (error) {
      const { code, message } = error as { code?: unknown; message: string };
      outcomes[name] = { code, ...(typeof code === 'number' && code > -32_000 ? { message } : {}) };
    }
  };
  const once = (what: string): Promise<void> =>
    new Promise((resolve) => {
      const conclude = (outcome: string): void => {
        clearTimeout(late);
        outcomes[what] = outcome;
        resolve();
      };
      const late = setTimeout(() => conclude('did not come'), deadlineMs);
      announcements.set(what, () => conclude('came'));
    });
  const call = (name: string, args: Record<string, unknown> = {}): Promise<void> =>
    step(`${name} ${JSON.stringify(args)}`, async () => opened(await client.callTool({ name, arguments: args })));

  outcomes['server'] = [client.getServerVersion(), client.getServerCapabilities(), client.getInstructions()];
  await step('ping', () => client.ping());
  await step('tools/list', () => client.listTools());
  await step('prompts/list', () => client.listPrompts());
  await step('resources/list', () => client.listResources());
  await step('resources/templates/list', () => client.listResourceTemplates());

  for (const name of plainTools) await call(name);
  await call('json_schema_2020_12_tool', { phone: '1', contactMethod: 'phone' });
  await call('test_mirrored_parameters', { region: 'eu', limit: 3 });
  await call('no_such_tool');

  await step('prompt', () => client.getPrompt({ name: 'test_simple_prompt' }));
  const both = { arg1: 'a', arg2: 'ü' };
  await step('prompt with arguments', () => client.getPrompt({ name: 'test_prompt_with_arguments', arguments: both }));
  const resourceUri = 'test://x';
  await step('prompt with resource', () =>
    client.getPrompt({ name: 'test_prompt_with_embedded_resource', arguments: { resourceUri } }),
  );
  await step('prompt with image', () => client.getPrompt({ name: 'test_prompt_with_image' }));
  await step('prompt that asks', () => client.getPrompt({ name: 'test_input_required_result_prompt' }));
  await step('no prompt', () => client.getPrompt({ name: 'no_such_prompt' }));
  const ref = { type: 'ref/prompt', name: 'test_prompt_with_arguments' } as const;
  await step('completion', () => client.complete({ ref, argument: { name: 'arg1', value: 'par' } }));

  for (const uri of ['test://static-text', 'test://static-binary', 'test://template/7/data', 'test://nothing'])
    await step(uri, () => client.readResource({ uri }));
  await step('subscribe', () => client.subscribeResource({ uri: 'test://watched-resource' }));
  await step('unsubscribe', () => client.unsubscribeResource({ uri: 'test://watched-resource' }));

  await step('logging', async () => {
    await client.setLoggingLevel('debug');
    return client.callTool({ name: 'test_tool_with_logging' });
  });
  await call('test_logging_tool');
  const progress: unknown[] = [];
  await step('progress', () =>
    client.callTool({ name: 'test_tool_with_progress' }, { onprogress: (part) => void progress.push(part) }),
  );
  outcomes['progress heard'] = progress;

  await call('test_elicitation', { message: 'Who?' });
  await call('test_sampling', { prompt: 'Where?' });
  for (const name of askingTools) await call(name);
  answer = () => ({ action: 'decline' });
  await call('test_elicitation', { message: 'Really?' });

  for (const list of ['tool', 'prompt'] as const) {
    const told = once(`notifications/${list}s/list_changed`);
    await step(`${list}s changed`, () => client.callTool({ name: `test_trigger_${list}_change` }));
    await told;
  }

  const question = once('asked');
  const late = Promise.withResolvers<unknown>();
  answer = () => {
    announcements.get('asked')?.();
    return late.promise;
  };
  const controller = new AbortController();
  const given = client
    .callTool({ name: 'test_elicitation', arguments: { message: 'Wait' } }, { signal: controller.signal })
    .then(() => 'answered')
    .catch(() => 'given up');
  await question;
  controller.abort();
  outcomes['cancellation'] = await given;
  late.resolve({ action: 'cancel' }); // else the server would wait for it to the end of its patience
  await step('still there', () => client.ping());
  return outcomes;
}

/** Texts that are JSON are compared as what they say: answers to several questions have no order. */
function opened(result: { readonly content: readonly { readonly type: string; readonly text?: unknown }[] }): unknown {
  const content = result.content.map((part) =>
    typeof part.text === 'string' && part.text.startsWith('{') ? (JSON.parse(part.text) as unknown) : part,
  );
  return { ...result, content };
}

const plainTools = [
  'test_simple_text',
  'test_image_content',
  'test_audio_content',
  'test_embedded_resource',
  'test_multiple_content_types',
  'test_error_handling',
  'test_reconnection',
];

const askingTools = [
  'test_elicitation_sep1034_defaults',
  'test_elicitation_sep1330_enums',
  'test_input_required_result_elicitation',
  'test_input_required_result_sampling',
  'test_input_required_result_list_roots',
  'test_input_required_result_multiple_inputs',
  'test_input_required_result_multi_round',
];
