// The official scenarios' prompts.
import { completable, isInputRequiredResult } from '@modelcontextprotocol/server';
import type { McpServer, PromptMessage } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Ask } from './ask.ts';
import { askText } from './questions.ts';
import { embedded, image, text } from './samples.ts';

export function registerPrompts(server: McpServer, ask: Ask): void {
  server.registerPrompt('test_simple_prompt', { description: 'Has no arguments.' }, () =>
    says(text('This is a simple prompt for testing.')),
  );
  server.registerPrompt(
    'test_prompt_with_arguments',
    {
      description: 'Has two arguments.',
      argsSchema: z.object({
        arg1: completable(z.string(), (typed) => ['paris', 'park', 'party'].filter((word) => word.startsWith(typed))),
        arg2: z.string(),
      }),
    },
    ({ arg1, arg2 }) => says(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)),
  );
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'Embeds a resource.', argsSchema: z.object({ resourceUri: z.string() }) },
    ({ resourceUri }) =>
      says(
        embedded(resourceUri, 'text/plain', 'Embedded resource content for testing.'),
        text('Please process the embedded resource above.'),
      ),
  );
  server.registerPrompt('test_prompt_with_image', { description: 'Shows an image.' }, () =>
    says(image, text('Please analyze the image above.')),
  );
  server.registerPrompt(
    'test_input_required_result_prompt',
    { description: 'Asks for its context.' },
    async (context) => {
      const question = askText('What context should the prompt use?', 'context');
      const answers = await ask(context, { user_context: question });
      return isInputRequiredResult(answers) ? answers : says(text(`In this context: ${JSON.stringify(answers)}`));
    },
  );
}

const says = (...contents: PromptMessage['content'][]): { messages: PromptMessage[] } => ({
  messages: contents.map((content) => ({ role: 'user', content })),
});
