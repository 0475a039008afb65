// The `_meta` of modern requests that Genkan makes on its own account (MCP 2026-07-28, "_meta").
import { genkan } from '../base/genkan.ts';
import { reservedPrefix } from './envelope.ts';
import { latestModern } from './revisions.ts';

export const ownEnvelope = {
  _meta: {
    [`${reservedPrefix}protocolVersion`]: latestModern,
    [`${reservedPrefix}clientInfo`]: genkan,
    [`${reservedPrefix}clientCapabilities`]: {},
  },
};
