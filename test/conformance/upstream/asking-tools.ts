// The official scenarios' tools that ask their client something before they answer.
import { CLIENT_CAPABILITIES_META_KEY, isInputRequiredResult } from '@modelcontextprotocol/server';
import type { CallToolResult, ClientCapabilities, InputRequests, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Answer, Answers, Ask } from './ask.ts';
import { askConfirmation, askModel, askRoots, askText, askUser, askWithChoices, askWithDefaults } from './questions.ts';
import { text } from './samples.ts';

export function registerAskingTools(server: McpServer, ask: Ask): void {
  /** A tool without arguments that asks and then tells what it was told. */
  const asks = (name: string, questions: InputRequests, tell: (answers: Answers) => string): void =>
    void server.registerTool(
      name,
      { description: `Asks for ${Object.keys(questions).join(', ')}.` },
      async (context) => {
        const answers = await ask(context, questions);
        return isInputRequiredResult(answers) ? answers : told(tell(answers));
      },
    );

  server.registerTool(
    'test_sampling',
    { description: 'Asks the model of the client.', inputSchema: z.object({ prompt: z.string() }) },
    async ({ prompt }, context) => {
      const answers = await ask(context, { reply: askModel(prompt) });
      return isInputRequiredResult(answers) ? answers : told(`LLM response: ${JSON.stringify(answers['reply'])}`);
    },
  );
  server.registerTool(
    'test_elicitation',
    { description: 'Asks the person at the client.', inputSchema: z.object({ message: z.string() }) },
    async ({ message }, context) => {
      const answers = await ask(context, { user: askUser(message) });
      return isInputRequiredResult(answers) ? answers : told(`User response: ${completed(answers['user'])}`);
    },
  );
  asks('test_elicitation_sep1034_defaults', { profile: askWithDefaults }, ({ profile }) => completed(profile));
  asks('test_elicitation_sep1330_enums', { choices: askWithChoices }, ({ choices }) => completed(choices));

  const userName = askText('What is your name?', 'name');
  const allKinds = { user_name: userName, greeting: askModel('Generate a greeting', 50), client_roots: askRoots };
  asks('test_input_required_result_elicitation', { user_name: userName }, ({ user_name }) => {
    return `Hello, ${content(user_name)['name']}!`;
  });
  asks(
    'test_input_required_result_sampling',
    { capital_question: askModel('What is the capital of France?') },
    ({ capital_question }) => `The model says: ${JSON.stringify(capital_question)}`,
  );
  asks('test_input_required_result_list_roots', { client_roots: askRoots }, ({ client_roots }) => {
    return `The roots are: ${JSON.stringify(client_roots)}`;
  });
  asks('test_input_required_result_request_state', { confirm: askConfirmation }, () => 'state-ok');
  asks('test_input_required_result_tampered_state', { confirm: askConfirmation }, () => 'state-ok');
  asks('test_input_required_result_multiple_inputs', allKinds, (answers) => JSON.stringify(answers));
  asks('test_streaming_elicitation', { user_name: userName }, ({ user_name }) => completed(user_name));
  asks('test_missing_capability', { reply: askModel('Say something') }, ({ reply }) => JSON.stringify(reply));

  server.registerTool(
    'test_input_required_result_multi_round',
    { description: 'Asks twice, the second time knowing the first answer.' },
    async (context) => {
      const first = { step1: askText('Step 1: What is your name?', 'name') };
      const one = await ask(context, first);
      if (isInputRequiredResult(one)) return one;
      const second = { step2: askText('Step 2: What is your favorite color?', 'color') };
      const two = await ask(context, second);
      if (isInputRequiredResult(two)) return two;
      return told(`${content(one['step1'])['name']} likes ${content(two['step2'])['color']}.`);
    },
  );

  server.registerTool(
    'test_input_required_result_capabilities',
    { description: 'Asks only what the client can answer.' },
    async (context) => {
      // Each request of 2026-07-28 says what its client can do; a child process outlives the request.
      const envelope = context.mcpReq.envelope as Record<string, ClientCapabilities> | undefined;
      const able = envelope?.[CLIENT_CAPABILITIES_META_KEY] ?? server.server.getClientCapabilities() ?? {};
      const answers = await ask(context, {
        ...(able.sampling && { greeting: allKinds.greeting }),
        ...(able.elicitation && { user_name: userName }),
      });
      return isInputRequiredResult(answers) ? answers : told(JSON.stringify(answers));
    },
  );
}

const told = (value: string): CallToolResult => ({ content: [text(value)] });

function content(answer: Answer | undefined): Record<string, unknown> {
  return (answer as { content?: Record<string, unknown> } | undefined)?.content ?? {};
}

function completed(answer: Answer | undefined): string {
  const action = (answer as { action?: string } | undefined)?.action;
  return `Elicitation completed: action=${action}, content=${JSON.stringify(content(answer))}`;
}
