// How long a server asks to be left alone: `Retry-After`, RFC 9110 §10.2.3.

/** @param text seconds, or a date; undefined when it says neither */
export function retryAfterMs(text: string | null | undefined, nowMs: number): number | undefined {
  const said = text ?? '';
  const ms = /^\d{1,6}$/.test(said) ? Number(said) * 1000 : Date.parse(said) - nowMs;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
