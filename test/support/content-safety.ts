// Azure AI Content Safety for tests, as its reference describes it: text:shieldPrompt and text:analyze, their limits and their errors.
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bodyOf } from './entra/https-server.ts';

export interface Asked {
  readonly operation: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: {
    readonly userPrompt?: string;
    readonly documents?: readonly string[];
    readonly text?: string;
    readonly categories?: readonly string[];
  };
}

export interface ContentSafetyStandIn extends AsyncDisposable {
  readonly url: string;
  readonly key: string;
  /** A token of Entra ID that it takes in place of the key. */
  token: string | undefined;
  /** Every request that was let in. */
  readonly asked: Asked[];
  /** What it takes for an attack. */
  isAttack: (text: string) => boolean;
  /** Severities of what it finds harmful, by category. */
  harm: (text: string) => Readonly<Record<string, number>>;
  /** Answers in its place; false where it is to answer itself. */
  instead: (request: IncomingMessage, response: ServerResponse) => boolean;
}

const maxCharacters = 10_000;

export async function startContentSafety(): Promise<ContentSafetyStandIn> {
  const send = (response: ServerResponse, status: number, body: object): void =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const fault = (response: ServerResponse, status: number, code: string, message: string): void =>
    send(response, status, { error: { code, message } });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const bears = service.token !== undefined && request.headers.authorization === `Bearer ${service.token}`;
    if (!bears && request.headers['ocp-apim-subscription-key'] !== service.key)
      return fault(response, 401, '401', 'Access denied due to invalid subscription key or wrong API endpoint.');
    const operation = /^\/contentsafety\/(text:shieldPrompt|text:analyze)$/.exec(pathname)?.[1];
    if (request.method !== 'POST' || operation === undefined || searchParams.get('api-version') !== '2024-09-01')
      return fault(response, 404, '404', 'Resource not found');
    const body = JSON.parse(await bodyOf(request)) as Asked['body'];
    service.asked.push({ operation, headers: request.headers, body });
    if (service.instead(request, response)) return;
    const tooLong = (): void =>
      fault(response, 400, 'InvalidRequestBody', 'The length of the text exceeds the limit of 10000.');
    if (operation === 'text:analyze') {
      const { text = '', categories = [] } = body;
      if (text.length > maxCharacters) return tooLong();
      const found = service.harm(text);
      return send(response, 200, {
        blocklistsMatch: [],
        categoriesAnalysis: categories.map((category) => ({ category, severity: found[category] ?? 0 })),
      });
    }
    const { userPrompt = '', documents = [] } = body;
    if (userPrompt.length > maxCharacters || documents.length > 5 || documents.join('').length > maxCharacters)
      return tooLong();
    send(response, 200, {
      userPromptAnalysis: { attackDetected: service.isAttack(userPrompt) },
      documentsAnalysis: documents.map((text) => ({ attackDetected: service.isAttack(text) })),
    });
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const service: ContentSafetyStandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    key: 'test-key-of-content-safety',
    token: undefined,
    asked: [],
    isAttack: () => false,
    harm: () => ({}),
    instead: () => false,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => (server.close(resolve), server.closeAllConnections()));
    },
  };
  return service;
}
