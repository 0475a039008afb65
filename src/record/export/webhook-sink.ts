// Any receiver of JSON by HTTP: a batch by POST, signed as Standard Webhooks describes (standardwebhooks.com, "Signature scheme", symmetric).
import { createHash, createHmac } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { ResolveSecret } from '../../base/secret.ts';
import { headerOf, post } from './http-post.ts';
import { rowOf } from './row.ts';
import type { WebhookSettings } from './settings.ts';
import { SinkError, inForm } from './sink.ts';
import type { ExportedRecord, Sink } from './sink.ts';

export interface HttpNeighbours {
  readonly secret: ResolveSecret;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
}

const shortestKey = 24;

/** @param write a record as one object */
export function createWebhookSink(
  name: string,
  { url, body: form, secret: keyReference, authorization }: WebhookSettings,
  neighbours: HttpNeighbours,
  write: (record: ExportedRecord) => object | string = rowOf,
): Sink {
  const { secret, clock } = neighbours;
  return {
    name,
    kind: 'webhook',
    async send(batch, signal) {
      const key = keyOf(await secret(keyReference));
      const granted = authorization && headerOf('Authorization', await secret(authorization));
      const lines = inForm(() => batch.map((record) => JSON.stringify(write(record))));
      const body = form === 'json' ? `[${lines.join(',')}]` : `${lines.join('\n')}\n`;
      const id = idOf(batch);
      const seconds = Math.floor(clock.now() / 1000);
      const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
      const headers = {
        'content-type': form === 'json' ? 'application/json' : 'application/x-ndjson',
        'webhook-id': id,
        'webhook-timestamp': String(seconds),
        'webhook-signature': `v1,${signature}`,
        ...(granted !== undefined && { authorization: granted }),
      };
      await post({ url, headers, body, signal }, neighbours);
    },
    close: () => Promise.resolve(),
  };
}

/** The same for the same records at every attempt. A digest, since what others chose has no place in a header. */
const idOf = (batch: readonly ExportedRecord[]): string =>
  `export_${createHash('sha256')
    .update(batch.map(({ eventId }) => eventId).join('\n'))
    .digest('base64url')
    .slice(0, 32)}`;

function keyOf(secret: string): Buffer {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
  if (key.length < shortestKey)
    throw new SinkError(`the key of the signature has less than ${shortestKey} bytes`, { retryable: true });
  return key;
}
