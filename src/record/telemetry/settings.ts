// The `telemetry` part of genkan.yaml: traces of which requests are part.
import { z } from 'zod';

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
});

export type TelemetrySettings = z.infer<typeof telemetrySettings>;
