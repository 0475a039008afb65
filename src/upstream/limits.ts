// Bounds that hold for every server and that nobody needs to set.
import type { ParseLimits } from '../protocol/parse.ts';
import type { ServerSettings } from './settings.ts';

/** Three faults in a row, then ten seconds in which nobody waits for a dead server. */
export const connectFailures = { failures: 3, pauseMs: 10_000 };

/** A modern channel over HTTP is a few objects without any state at the server; yet whoever forgets to close them must not fill our memory. */
export const maxLightChannels = 10_000;

/** How long a child gets to end by itself before each harsher means. */
export const graceMs = 2000;

/** Subscriptions that one child holds open, besides the calls. */
export const maxListensPerChild = 1024;

/** How long the owner of a subscription may leave it unread while others wait behind it on the same stream. */
export const maxHeldMs = 30_000;

/** The same for the owner of a call, which then loses what it was told on the way, but not its answer. */
export const maxHeldByCallMs = 1000;

/** How long a child that was started to ask what it speaks is kept for the conversation that asked. */
export const keptMs = 10_000;

/** JSON Schemas in tool lists nest deeply, arguments of calls do not. */
export const answerLimits = ({ maxMessageBytes }: ServerSettings): ParseLimits => ({
  maxBytes: maxMessageBytes,
  maxDepth: 256,
});
