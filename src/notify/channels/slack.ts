// Slack: blocks to an incoming webhook.
import type { Channel, Outgoing } from './channel.ts';
import { post } from './post.ts';

const marks = { info: '', warning: '⚠️ ', critical: '🚨 ' } as const;
/** A block takes no more. */
const longest = 2900;

export function createSlack(url: () => Promise<string>, fetch: typeof globalThis.fetch): Channel {
  return { send: async (message, signal) => post(fetch, signal, await url(), JSON.stringify(messageOf(message))) };
}

/** Source: docs.slack.dev "Block Kit", "Formatting message text". `plain_text` is shown as it is: no links, no mentions. */
function messageOf({ title, lines, url, open, severity }: Outgoing): object {
  const text = (content: string) => ({ type: 'plain_text', text: content.slice(0, longest), emoji: false });
  return {
    text: escaped(`${marks[severity]}${title}`), // for notifications
    blocks: [
      { type: 'header', text: text(`${marks[severity]}${title}`.slice(0, 150)) },
      ...(lines.length === 0 ? [] : [{ type: 'section', text: text(lines.join('\n')) }]),
      ...(url === undefined ? [] : [{ type: 'actions', elements: [{ type: 'button', text: text(open), url }] }]),
    ],
  };
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
