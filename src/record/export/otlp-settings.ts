// What a receiver of OpenTelemetry logs needs to be told, besides what holds for every sink.
import { z } from 'zod';
import { secretReference } from '../../base/secret.ts';

/** RFC 9110 §5.1, but for those that say what the request is. */
const headerName = /^(?!(?:host|connection|transfer-encoding|content-[a-z]+)$)[a-z0-9-]{1,64}$/;

export const otlpHeaders = z
  .record(z.string().regex(headerName, 'write the name of a header in small letters'), secretReference)
  .refine((headers) => Object.keys(headers).length <= 16, 'at most 16 headers')
  .default({})
  .describe('Headers that the receiver asks for, such as authorization; each is a secret.');

/** @param url an address that cannot be listened to on the way */
export const otlpShape = <Url extends z.ZodType<string>>(url: Url) => ({
  type: z.literal('otlp').describe('OpenTelemetry logs by OTLP/HTTP, as JSON.'),
  url: url.describe('Where to post to, e.g. https://collector.example.com:4318/v1/logs. Redirects are not followed.'),
  headers: otlpHeaders,
  gzip: z.boolean().default(true).describe('Whether requests are compressed.'),
});

const otlp = z.strictObject(otlpShape(z.string()));
export type OtlpSettings = z.output<typeof otlp>;
