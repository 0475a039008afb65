// The formats by the names that settings call them by.
import { rowOf } from '../row.ts';
import type { Format } from '../sink.ts';
import { asim } from './asim.ts';
import { cef } from './cef.ts';
import { ocsf } from './ocsf.ts';

/** Those that are JSON, for whatever takes objects. */
export const jsonFormats = { genkan: rowOf, ocsf, asim } as const satisfies Record<string, Format>;

export const formats = { ...jsonFormats, cef } as const satisfies Record<string, Format>;

export type JsonFormatName = keyof typeof jsonFormats;
export type FormatName = keyof typeof formats;
