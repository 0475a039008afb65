// Settings of inspect: how large and how deep messages may be, and how large the schemas that they are checked against.
import { z } from 'zod';
import { pinSettings } from './pins/settings.ts';
import {
  fieldsSettings,
  maxResultCharactersSetting,
  resultSizesSettings,
  shieldSettings,
} from './examination/settings.ts';
import { argumentSettings } from './types/settings.ts';
import { redactionSettings } from './redaction/settings.ts';
import { taintSettings } from './taint/settings.ts';

export const inspectSettings = z.strictObject({
  maxRequestBytes: z
    .int()
    .min(1024)
    .max(256 * 1024 ** 2)
    .default(4 * 1024 ** 2)
    .describe('Largest message accepted from a client, in bytes.'),
  maxReplyBytes: z
    .int()
    .min(1024)
    .max(256 * 1024 ** 2)
    .default(16 * 1024 ** 2)
    .describe('Largest message accepted from an upstream server, in bytes.'),
  maxDepth: z
    .int()
    .min(8)
    .max(512)
    .default(64)
    .describe('Levels of nested objects and arrays in a message; the message itself is the first.'),
  maxSchemaParts: z
    .int()
    .min(100)
    .max(1000)
    .default(500)
    .describe('Subschemas in the input schema of one tool; calls of a tool with more are refused.'),
  arguments: argumentSettings,
  maxResultCharacters: maxResultCharactersSetting,
  resultSizes: resultSizesSettings,
  fields: fieldsSettings,
  shield: shieldSettings,
  redaction: redactionSettings
    .prefault({})
    .describe('What happens to secrets and personal data in what servers answer.'),
  pins: pinSettings.prefault({}),
  taint: taintSettings.optional(),
});

export type InspectSettings = z.infer<typeof inspectSettings>;
