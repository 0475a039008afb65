// Settings of the gateway: how many conversations it keeps, and for how long.
import { z } from 'zod';

export const gatewaySettings = z.strictObject({
  maxSessions: z.int().min(1).default(1000).describe('Sessions kept at once over all users; one more is refused.'),
  maxSessionsPerUser: z
    .int()
    .min(1)
    .default(32)
    .describe('Sessions kept at once for one user; the one idle longest is closed for a new one.'),
  sessionIdleSeconds: z.int().min(10).default(1800).describe('A session without any request for this long is closed.'),
  sessionSeconds: z.int().min(60).default(43_200).describe('Longest life of a session, however busy it is.'),
  listDeadlineSeconds: z
    .int()
    .min(1)
    .default(10)
    .describe(
      'Longest wait for one server at /mcp. A later one is shown as it last was, and hardly waited for until it is quick again.',
    ),
  keepAliveSeconds: z
    .int()
    .min(1)
    .default(20)
    .describe('Pause after which an open event stream gets a comment, so that proxies keep it open.'),
  recheckSeconds: z
    .number()
    .min(0.1)
    .max(60)
    .default(5)
    .describe('An open event stream ends within this time after its token or the right to it is gone.'),
  parkedSeconds: z
    .number()
    .min(1)
    .max(3600)
    .default(300)
    .describe(
      'How long a call that waits for the answer of a person is kept for a client of 2026-07-28, which comes back with it. The `timeoutSeconds` of the server count meanwhile, too.',
    ),
  roundSeconds: z
    .number()
    .min(1)
    .max(300)
    .default(20)
    .describe(
      'How long a client that asks again for a call that waits for an approval is kept waiting before it is told once more that nobody has decided. Below the time after which proxies give up.',
    ),
  maxRequestsPerUser: z
    .int()
    .min(1)
    .max(100_000)
    .default(192)
    .describe(
      'HTTP requests under way at the same time for one user, open event streams among them; one more is refused.',
    ),
  maxListensPerUser: z
    .int()
    .min(1)
    .max(1000)
    .default(32)
    .describe('Subscriptions (`subscriptions/listen`) open at the same time for one user; one more is refused.'),
  listPollSeconds: z
    .int()
    .min(1)
    .max(3600)
    .default(30)
    .describe(
      'How often the lists of a server that cannot tell of changes are compared, while somebody has subscribed to them.',
    ),
  drainSeconds: z
    .int()
    .min(0)
    .default(20)
    .describe('When Genkan is stopped, requests under way get this long to be answered.'),
  allowedOrigins: z
    .array(z.url())
    .default([])
    .describe(
      'Web origins besides our own whose pages may call the MCP addresses, e.g. https://inspector.example.com.',
    ),
});

export type GatewaySettings = z.infer<typeof gatewaySettings>;
