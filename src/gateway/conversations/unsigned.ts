// The conversation of a modern client with a server at which its person has yet to sign in: it learns where, call by call.
import type { GenkanError } from '../../base/errors.ts';
import { genkan } from '../../base/genkan.ts';
import { reservedPrefix } from '../../protocol/envelope.ts';
import { result } from '../../protocol/message.ts';
import { latestModern } from '../../protocol/revisions.ts';
import type { Conversation } from './conversation.ts';

/**
 * Clients make nothing of an error in place of `server/discover`, so they are let in: what they then ask for says the rest.
 * @param fault `upstream_sign_in_required`
 */
export function createUnsigned(fault: GenkanError): Conversation {
  const refused = (): Promise<never> => Promise.reject(fault);
  return {
    era: 'modern',
    alive: () => false, // the next message finds out anew
    locate: refused,
    request: ({ method, id }) => (method === 'server/discover' ? Promise.resolve(result(id, greeting)) : refused()),
    deliver: () => Promise.resolve(),
    origin: () => undefined,
    close: () => Promise.resolve(),
  };
}

/** What the server can do is not known yet. */
const greeting = {
  supportedVersions: [latestModern],
  capabilities: { tools: {}, prompts: {}, resources: {} },
  resultType: 'complete',
  ttlMs: 0,
  cacheScope: 'private',
  _meta: { [`${reservedPrefix}serverInfo`]: genkan },
};
