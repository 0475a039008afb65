// What a server has said of its tools while this process ran. It is believed at once where it says worse than before, never where it says better.
import type { AccessRequest } from '../decision.ts';
import { worse } from './tool-name.ts';
import type { Verb } from './tool-name.ts';

type Hints = AccessRequest['hints'];

export interface Claims {
  /** The worst that the server has said of a tool, this time included; `undefined` where it never said anything. */
  worstOf(tool: string, hints: Hints): Verb | undefined;
}

// Servers choose the names of tools; what they can make us keep has an end.
const rememberedTools = 8192;

export function createClaims(): Claims {
  const worst = new Map<string, Verb>();
  return {
    worstOf(tool, hints) {
      const known = worst.get(tool);
      const said = claimIn(hints);
      if (said === undefined) return known;
      const now = known === undefined ? said : worse(known, said);
      if (now === known) return now;
      // What cannot be remembered could be taken back, so nothing mild is believed of it.
      if (known === undefined && worst.size >= rememberedTools) return 'delete';
      worst.set(tool, now);
      return now;
    },
  };
}

/** MCP 2026-07-28, ToolAnnotations: `destructiveHint` counts only where `readOnlyHint` is not true, and is true by default. */
function claimIn(hints: Hints): Verb | undefined {
  if (hints?.readOnly === undefined && hints?.destructive === undefined) return undefined;
  if (hints.readOnly === true) return 'read';
  return hints.destructive === false ? 'write' : 'delete';
}
