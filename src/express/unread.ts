// A request whose body the app has read already (`express.json()`), as those need it who read it themselves.
import type { IncomingMessage } from 'node:http';
import { requestWith } from '../identity/grants/rewritten-form.ts';

export function unread(request: IncomingMessage & { readonly body?: unknown }): IncomingMessage {
  if (!request.readableDidRead) return request;
  const { body } = request;
  if (typeof body === 'string') return requestWith(request, body);
  if (Buffer.isBuffer(body)) return requestWith(request, body.toString('utf8'));
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
  return requestWith(request, isForm ? formOf(body).toString() : JSON.stringify(body ?? {}));
}

/** Repeated fields stay repeated: the authorization server refuses them. */
const formOf = (body: unknown): URLSearchParams =>
  new URLSearchParams(
    Object.entries(body ?? {}).flatMap(([name, value]) =>
      [value].flat().map((each): [string, string] => [name, String(each)]),
    ),
  );
