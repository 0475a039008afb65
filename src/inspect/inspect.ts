// The room's door: the limits that messages are read with, the check of a call's arguments, and the examination of what is said.
import type { Log } from '../base/log.ts';
import type { ParseLimits } from '../protocol/parse.ts';
import { createArgumentCheck } from './arguments.ts';
import type { ArgumentCheck } from './arguments.ts';
import { createExamination } from './examination/examination.ts';
import type { Examination, ExaminationNeighbours } from './examination/examination.ts';
import { createRedaction } from './redaction/redaction.ts';
import type { Redaction } from './redaction/redaction.ts';
import type { InspectSettings } from './settings.ts';
import { createTypeCheck } from './types/typed-arguments.ts';
import type { TypeCheck } from './types/typed-arguments.ts';

export interface Inspect {
  /** For messages from clients. */
  readonly limits: ParseLimits;
  /** For messages from upstream servers. */
  readonly replyLimits: ParseLimits;
  /** Checks the arguments of one call; synchronous and bounded in time. */
  readonly checkArguments: ArgumentCheck;
  /** Checks what is given to one tool, prompt or resource by its declared types. */
  readonly checkTypes: TypeCheck;
  /** Looks for orders in what is said, and for what is to be hidden. */
  readonly examination: Examination;
}

export interface InspectNeighbours extends Omit<ExaminationNeighbours, 'keepsTo' | 'hide'> {
  /** With tokens, where they stand for what is found; without unless given. */
  readonly redaction?: Redaction;
  readonly log: Log;
}

export function createInspect(settings: InspectSettings, neighbours: InspectNeighbours): Inspect {
  const { maxRequestBytes, maxReplyBytes, maxDepth, maxSchemaParts } = settings;
  const { redaction = createRedaction(settings.redaction) } = neighbours;
  const checkArguments = createArgumentCheck(maxSchemaParts, neighbours);
  return {
    limits: { maxBytes: maxRequestBytes, maxDepth },
    replyLimits: { maxBytes: maxReplyBytes, maxDepth },
    checkArguments,
    checkTypes: createTypeCheck(settings.arguments),
    examination: createExamination(settings, {
      ...neighbours,
      hide: ({ server, name: tool, person, groups, roles }, { key }) => {
        const context = { server, tool, person, groups, roles, key };
        return (text) => redaction.find(text, context);
      },
      keepsTo: (inputSchema, value) => checkArguments({ name: 'its result', inputSchema }, value) === undefined,
    }),
  };
}
