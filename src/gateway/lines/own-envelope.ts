// The `_meta` of modern requests that Genkan makes on its own account (MCP 2026-07-28, "_meta").
import { readFileSync } from 'node:fs';
import { latestModern } from '../../protocol/revisions.ts';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** Genkan as an MCP implementation, towards clients and servers. */
export const genkan = { name: 'genkan', title: 'Genkan', version };

export const ownEnvelope = {
  _meta: {
    'io.modelcontextprotocol/protocolVersion': latestModern,
    'io.modelcontextprotocol/clientInfo': genkan,
    'io.modelcontextprotocol/clientCapabilities': {},
  },
};
