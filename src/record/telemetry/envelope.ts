// What metrics and spans by OTLP have around them: who sends them, and moments as OTLP writes them in JSON.
import { genkan } from '../../base/genkan.ts';

/** Attributes of this process. */
export type Resource = Readonly<Record<string, string>>;

/** `InstrumentationScope` of common.proto. */
export const scope = { name: genkan.name, version: genkan.version };

/**
 * As a text, since no number holds them.
 * @param ms milliseconds since 1970, with a fraction
 */
export function nanoseconds(ms: number): string {
  const whole = Math.floor(ms);
  return `${whole}${String(Math.floor((ms - whole) * 1e6)).padStart(6, '0')}`;
}
