// The room's door: the limits that messages are read with, and the check of a call's arguments.
import type { Log } from '../base/log.ts';
import type { ParseLimits } from '../protocol/parse.ts';
import { createArgumentCheck } from './arguments.ts';
import type { ArgumentCheck } from './arguments.ts';
import type { InspectSettings } from './settings.ts';

export interface Inspect {
  /** For messages from clients. */
  readonly limits: ParseLimits;
  /** For messages from upstream servers. */
  readonly replyLimits: ParseLimits;
  /** Checks the arguments of one call; synchronous and bounded in time. */
  readonly checkArguments: ArgumentCheck;
}

export function createInspect(settings: InspectSettings, neighbours: { readonly log: Log }): Inspect {
  const { maxRequestBytes, maxReplyBytes, maxDepth, maxSchemaParts } = settings;
  return {
    limits: { maxBytes: maxRequestBytes, maxDepth },
    replyLimits: { maxBytes: maxReplyBytes, maxDepth },
    checkArguments: createArgumentCheck(maxSchemaParts, neighbours),
  };
}
