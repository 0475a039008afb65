// Microsoft Teams: an Adaptive Card to a workflow that waits for a webhook.
import type { Channel, Outgoing } from './channel.ts';
import { post } from './post.ts';

const colours = { info: 'Default', warning: 'Warning', critical: 'Attention' } as const;

export function createTeams(url: () => Promise<string>, fetch: typeof globalThis.fetch): Channel {
  return { send: async (message, signal) => post(fetch, signal, await url(), JSON.stringify(cardOf(message))) };
}

/** Source: adaptivecards.io schema 1.4; learn.microsoft.com "Create incoming webhooks with Workflows for Microsoft Teams". */
function cardOf({ title, lines, url, open, severity }: Outgoing): object {
  const card = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      { type: 'TextBlock', text: plain(title), weight: 'Bolder', size: 'Medium', wrap: true, color: colours[severity] },
      ...lines.map((line) => ({ type: 'TextBlock', text: plain(line), wrap: true })),
    ],
    actions: url === undefined ? [] : [{ type: 'Action.OpenUrl', title: open, url }],
  };
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: card }],
  };
}

// A TextBlock understands Markdown: without this a justification could show a link as something else.
const plain = (text: string): string => text.replace(/[\\`*_{}[\]()#+!|<>~-]/g, '\\$&');
