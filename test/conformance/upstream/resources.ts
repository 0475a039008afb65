// The official scenarios' resources.
import { ResourceTemplate } from '@modelcontextprotocol/server';
import type { McpServer } from '@modelcontextprotocol/server';
import { png } from './samples.ts';

const plain = { mimeType: 'text/plain' };

export function registerResources(server: McpServer, legacy: boolean): void {
  server.registerResource(
    'static text',
    'test://static-text',
    { description: 'A text.', ...plain },
    ({ href: uri }) => ({
      contents: [{ uri, ...plain, text: 'This is the content of the static text resource.' }],
    }),
  );
  server.registerResource('static binary', 'test://static-binary', { description: 'An image.' }, ({ href: uri }) => ({
    contents: [{ uri, mimeType: 'image/png', blob: png }],
  }));
  server.registerResource(
    'watched',
    'test://watched-resource',
    { description: 'May change.', ...plain },
    ({ href }) => ({
      contents: [{ uri: href, ...plain, text: 'Watch me.' }],
    }),
  );
  server.registerResource(
    'template',
    new ResourceTemplate('test://template/{id}/data', { list: undefined }),
    { description: 'Data of an id.', mimeType: 'application/json' },
    ({ href: uri }, { id }) => ({
      contents: [
        {
          uri,
          mimeType: 'application/json',
          text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
        },
      ],
    }),
  );
  if (!legacy) return; // the modern revision subscribes by `subscriptions/listen`, which is the transport's business
  server.server.setRequestHandler('resources/subscribe', () => ({}));
  server.server.setRequestHandler('resources/unsubscribe', () => ({}));
}
