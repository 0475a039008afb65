// Forms that come back to us: reading them within bounds, and proving that our own page sent them.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { GenkanError } from '../base/errors.ts';

/** A comment of a thousand characters of Japanese, as a form writes it, with room to spare. */
const maxBytes = 16_384;

/**
 * Reads a submitted form that must come from a page of ours.
 * @param tokens the form tokens that are accepted, one a key
 * @throws GenkanError `identity_request_forged`, `identity_request_invalid`
 */
export async function readForm(
  request: IncomingMessage,
  issuer: string,
  tokens: readonly string[],
): Promise<URLSearchParams> {
  const { origin, 'sec-fetch-site': site, 'content-type': type } = request.headers;
  // Browsers state where a form came from; a page of somebody else cannot change that.
  if ((origin !== undefined && origin !== issuer) || (site !== undefined && site !== 'same-origin'))
    throw new GenkanError('identity_request_forged', {}, { detail: `form sent by ${origin} (${site})` });
  if (!type?.startsWith('application/x-www-form-urlencoded'))
    throw new GenkanError('identity_request_invalid', { reason: 'not a form' });
  const form = new URLSearchParams(await readBody(request));
  const given = form.get('token') ?? '';
  if (!tokens.some((token) => same(token, given)))
    throw new GenkanError('identity_request_forged', {}, { detail: 'form token is missing or wrong' });
  return form;
}

/** Form tokens for one interaction and person, one a secret; the first is for new pages. They need no storage. */
export const formTokens = (secrets: readonly string[], interaction: string, accountId: string): string[] =>
  secrets.map((secret) =>
    createHmac('sha256', secret)
      .update(JSON.stringify(['form', interaction, accountId]))
      .digest('base64url'),
  );

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw new GenkanError('identity_request_invalid', { reason: 'form too large' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
