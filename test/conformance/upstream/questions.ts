// What the official scenarios' tools and prompts ask their client.
import { inputRequired } from '@modelcontextprotocol/server';

const shape = (properties: object, required: string[]) => ({ type: 'object', properties, required }) as never;

/** Asks a person to fill in one text. */
export const askText = (message: string, field: string) =>
  inputRequired.elicit({ message, requestedSchema: shape({ [field]: { type: 'string' } }, [field]) });

export const askConfirmation = inputRequired.elicit({
  message: 'Please confirm',
  requestedSchema: shape({ ok: { type: 'boolean' } }, ['ok']),
});

export const askUser = (message: string) =>
  inputRequired.elicit({
    message,
    requestedSchema: shape(
      {
        username: { type: 'string', description: "User's response" },
        email: { type: 'string', description: "User's email address" },
      },
      ['username', 'email'],
    ),
  });

/** A form in which every field has a default (SEP-1034). */
export const askWithDefaults = inputRequired.elicit({
  message: 'Please check your profile',
  requestedSchema: shape(
    {
      name: { type: 'string', default: 'John Doe' },
      age: { type: 'integer', default: 30 },
      score: { type: 'number', default: 95.5 },
      status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
      verified: { type: 'boolean', default: true },
    },
    [],
  ),
});

const titled = (titles: readonly string[]) => titles.map((title, index) => ({ const: `value${index + 1}`, title }));
const options = ['option1', 'option2', 'option3'];

/** Every way to offer a choice (SEP-1330). */
export const askWithChoices = inputRequired.elicit({
  message: 'Please choose',
  requestedSchema: shape(
    {
      untitledSingle: { type: 'string', enum: options },
      titledSingle: { type: 'string', oneOf: titled(['First Option', 'Second Option', 'Third Option']) },
      legacyEnum: {
        type: 'string',
        enum: ['opt1', 'opt2', 'opt3'],
        enumNames: ['Option One', 'Option Two', 'Option Three'],
      },
      untitledMulti: { type: 'array', items: { type: 'string', enum: options } },
      titledMulti: { type: 'array', items: { anyOf: titled(['First Choice', 'Second Choice', 'Third Choice']) } },
    },
    [],
  ),
});

/** Asks the client's model. */
export const askModel = (prompt: string, maxTokens = 100) =>
  inputRequired.createMessage({ messages: [{ role: 'user', content: { type: 'text', text: prompt } }], maxTokens });

export const askRoots = inputRequired.listRoots();
