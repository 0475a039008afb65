// Any receiver of webhooks: JSON, signed as Standard Webhooks describes (standardwebhooks.com, "Signature scheme", symmetric).
import { createHmac } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Channel } from './channel.ts';
import { NotTaken } from './channel.ts';
import { post } from './post.ts';

const shortestKey = 24;

export function createWebhook(
  url: string,
  secret: () => Promise<string>,
  fetch: typeof globalThis.fetch,
  clock: Clock,
): Channel {
  return {
    async send({ id, kind, atMs, severity, title, lines, url: page, to }, signal) {
      const key = keyOf(await secret());
      const data = { severity, title, lines, ...(page !== undefined && { url: page }), to };
      const body = JSON.stringify({ type: kind, timestamp: new Date(atMs).toISOString(), data });
      const seconds = Math.floor(clock.now() / 1000);
      const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
      await post(fetch, signal, url, body, {
        'webhook-id': id,
        'webhook-timestamp': String(seconds),
        'webhook-signature': `v1,${signature}`,
      });
    },
  };
}

function keyOf(secret: string): Buffer {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
  if (key.length < shortestKey)
    throw new NotTaken(`the key of the signature has less than ${shortestKey} bytes`, { inMs: 0 });
  return key;
}
