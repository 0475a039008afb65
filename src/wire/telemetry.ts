// What monitoring learns of requests: which traces they are part of.
import type { TraceRules } from '../gateway/tracing.ts';
import type { TelemetrySettings } from '../record/telemetry/settings.ts';

export const traceRules = ({ sampledShare, baggage }: TelemetrySettings): TraceRules => ({
  samples: () => sampledShare > 0 && Math.random() < sampledShare,
  baggage: new Set(baggage),
});
