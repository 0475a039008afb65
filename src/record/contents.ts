// What is kept of the contents of a call: nothing, a digest, or the text with what is secret masked or in full, sealed for its person.
import { hash } from 'node:crypto';
import type { AuditEntry, Contents, RecordedPayload } from './entry.ts';
import type { Form, PayloadSettings } from './settings.ts';
import type { Subject } from './subject.ts';

/** Masks what is secret or personal in a value; given the same value, it gives a new one. */
export type Redact = (value: unknown) => unknown;

/** What is kept of one call. */
export interface Kept {
  readonly arguments?: RecordedPayload;
  readonly answer?: RecordedPayload;
  /** Redacted or full texts, sealed; they lie beside the log. */
  readonly sealed?: string;
}

/** A text as it was kept. */
export interface KeptText {
  readonly kept: 'redacted' | 'full';
  /** JSON; only its beginning where it was cut. */
  readonly json: string;
  readonly cut?: true;
}

export type KeptTexts = Partial<Readonly<Record<'arguments' | 'answer', KeptText>>>;

export type KeepContents = (subject: Subject, entry: AuditEntry, contents: Contents) => Kept;

/** @param redact absent where nothing can redact: then there is a digest instead */
export function createKeeping(settings: PayloadSettings, redact: () => Redact | undefined): KeepContents {
  function formOf(which: 'arguments' | 'results', { server = '', tool = '' }: AuditEntry): Form {
    const own = Object.hasOwn(settings.servers, server) ? settings.servers[server] : undefined;
    const atTool = own !== undefined && Object.hasOwn(own.tools, tool) ? own.tools[tool] : undefined;
    return atTool?.[which] ?? own?.[which] ?? settings[which];
  }

  function textOf(form: Form, value: unknown, whole: string): KeptText | undefined {
    if (form !== 'redacted' && form !== 'full') return undefined;
    const mask = redact();
    if (form === 'redacted' && mask === undefined) return undefined;
    const json = form === 'full' ? whole : JSON.stringify(mask!(value));
    if (Buffer.byteLength(json) <= settings.maxBytes) return { kept: form, json };
    return { kept: form, json: Buffer.from(json).subarray(0, settings.maxBytes).toString().toWellFormed(), cut: true };
  }

  return (subject, entry, contents) => {
    const texts: { -readonly [Which in keyof KeptTexts]: KeptTexts[Which] } = {};
    const told = (which: 'arguments' | 'answer', form: Form): RecordedPayload | undefined => {
      const value = contents[which];
      if (value === undefined || form === 'none') return undefined;
      const whole = JSON.stringify(value);
      const text = textOf(form, value, whole);
      if (text !== undefined) texts[which] = text;
      const kept = text?.kept;
      return { bytes: Buffer.byteLength(whole), digest: subject.digest(whole), ...(kept && { kept }) };
    };
    const given = told('arguments', formOf('arguments', entry));
    const answer = told('answer', formOf('results', entry));
    const { arguments: one, answer: other } = texts;
    const sealed =
      one === undefined && other === undefined
        ? undefined
        : subject.seal(JSON.stringify(texts), placeOf(entry.correlationId));
    return { ...(given && { arguments: given }), ...(answer && { answer }), ...(sealed !== undefined && { sealed }) };
  };
}

/** Undefined when it is not what was sealed for this call. */
export function openContents(subject: Subject, correlationId: string, sealed: string): KeptTexts | undefined {
  const text = subject.open(sealed, placeOf(correlationId));
  return text === undefined ? undefined : (JSON.parse(text) as KeptTexts);
}

const placeOf = (correlationId: string): readonly string[] => ['contents', correlationId];

/** By this the log vouches for what lies beside it. */
export const contentsHash = (sealed: string): string => hash('sha256', sealed, 'base64');
