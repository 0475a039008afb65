// Forms that are put right before the authorization server reads them: read once, bounded, and handed over as a request of their own.
import { IncomingMessage } from 'node:http';

const maxBytes = 57_344; // what the authorization server itself takes
const formType = 'application/x-www-form-urlencoded';

/**
 * @param rewrite returns the form as the authorization server is to see it
 * @returns the request to hand over; of one that is no form, or too large, nothing that could be read as one
 */
export async function rewrittenForm(
  request: IncomingMessage,
  rewrite: (form: URLSearchParams) => URLSearchParams | Promise<URLSearchParams>,
): Promise<IncomingMessage> {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (request.method !== 'POST' || type !== formType) return request;
  const chunks: Buffer[] = [];
  let bytes = 0;
  // What is not read is left to the end of the answer; destroying the request would take the answer with it.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) break;
    chunks.push(chunk);
  }
  const form =
    bytes > maxBytes ? undefined : await rewrite(new URLSearchParams(Buffer.concat(chunks).toString('utf8')));
  return requestWith(request, form === undefined ? 'x'.repeat(maxBytes + 1) : form.toString());
}

/** A request with another body. */
export function requestWith(request: IncomingMessage, text: string): IncomingMessage {
  const body = Buffer.from(text);
  const copy = new IncomingMessage(request.socket);
  Object.assign(copy, {
    method: request.method,
    url: request.url,
    httpVersion: request.httpVersion,
    httpVersionMajor: request.httpVersionMajor,
    httpVersionMinor: request.httpVersionMinor,
    headers: { ...request.headers, 'content-length': String(body.length), 'transfer-encoding': undefined },
    complete: true,
  });
  copy.push(body);
  copy.push(null);
  return copy;
}
