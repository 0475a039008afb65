// The `telemetry` part of genkan.yaml: traces of which requests are part, and where metrics and traces are sent to.
import { z } from 'zod';
import { otlpHeaders } from '../export/otlp-settings.ts';
import { safeUrl } from '../export/safe-url.ts';

/** OpenTelemetry, "Attribute Naming". */
const attributeName = /^[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*$/;
/** They say which process this is, so that no two of them say the same. */
const ownAttributes: ReadonlySet<string> = new Set(['service.version', 'service.instance.id', 'host.name']);

const elsewhere = safeUrl.optional().describe('Where they go if it is not below `url`: the whole address.');

const otlp = z
  .strictObject({
    url: safeUrl.describe(
      'Address of the collector, e.g. https://collector.example.com:4318; /v1/metrics and /v1/traces are added. Redirects are not followed.',
    ),
    headers: otlpHeaders,
    gzip: z.boolean().default(true).describe('Whether requests are compressed.'),
    timeoutSeconds: z.int().min(1).max(60).default(10).describe('How long one request may take.'),
    resource: z
      .record(
        z
          .string()
          .max(128)
          .regex(attributeName, 'write the name of an attribute, such as deployment.environment.name')
          .refine((name) => !ownAttributes.has(name), 'Genkan says that itself'),
        z.string().min(1).max(256),
      )
      .refine((attributes) => Object.keys(attributes).length <= 32, 'at most 32 attributes')
      .default({})
      .describe('Attributes of this service, such as service.name and deployment.environment.name.'),
    metrics: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Whether metrics are sent.'),
        url: elsewhere,
        intervalSeconds: z.int().min(1).max(3600).default(60).describe('How often.'),
      })
      .prefault({})
      .describe('What /metrics shows.'),
    traces: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Whether the spans of sampled requests are sent.'),
        url: elsewhere,
        maxQueue: z
          .int()
          .min(1)
          .max(100_000)
          .default(2048)
          .describe('How many requests wait to be sent at most; the spans of more are dropped and counted.'),
        people: z
          .boolean()
          .default(false)
          .describe('Whether spans say who called and from where: user.id and client.address.'),
      })
      .prefault({})
      .describe('A span for each sampled request, and one for what its server took.'),
  })
  .refine(
    ({ url, headers, metrics, traces }) =>
      Object.keys(headers).length === 0 ||
      [metrics.url, traces.url].every((other) => other === undefined || new URL(other).origin === new URL(url).origin),
    { path: ['headers'], message: 'are for the receiver at `url`, and would be sent to another one as well' },
  )
  .describe('A receiver of OpenTelemetry metrics and traces by OTLP/HTTP, as JSON.');

export const telemetrySettings = z.strictObject({
  sampledShare: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe(
      'Share of the requests without a trace of their client whose new trace is marked as sampled, from 0 to 1. Where the client names a trace, its own mark stays.',
    ),
  baggage: z
    .array(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/, 'write the name of a member of W3C Baggage'))
    .max(32)
    .default([])
    .describe(
      'Members of the W3C Baggage of clients that servers get to see; nothing else of it is handed on. The trace itself (traceparent, tracestate) always is.',
    ),
  otlp: otlp.optional(),
});

export type TelemetrySettings = z.infer<typeof telemetrySettings>;
export type TelemetryOtlpSettings = z.infer<typeof otlp>;
