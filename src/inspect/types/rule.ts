// What a typed argument can break: a name for each rule, of which records, refusals and their texts speak.

export type RuleName =
  | 'not-text'
  | 'not-parts'
  | 'too-long'
  | 'control'
  | 'look-alike'
  | 'too-much'
  | 'path-encoded'
  | 'path-url'
  | 'path-home'
  | 'path-parent'
  | 'path-device'
  | 'path-name'
  | 'path-relative'
  | 'path-outside'
  | 'url-form'
  | 'url-scheme'
  | 'url-credentials'
  | 'url-port'
  | 'host-form'
  | 'host-inner'
  | 'host-unlisted'
  | 'email-form'
  | 'email-domain'
  | 'shell-character'
  | 'shell-option'
  | 'shell-program'
  | 'sql-form'
  | 'sql-ambiguous'
  | 'sql-several'
  | 'sql-statement'
  | 'sql-word'
  | 'sql-function'
  | 'sql-identifier'
  | 'sql-literal'
  | 'uri-unclear';

/** Says which rule a value breaks; undefined when it keeps to all. Linear in the value. */
export type Check = (value: string) => RuleName | undefined;

/** What no typed argument holds: C0, DEL, C1, and what is not seen (bidirectional marks, zero width, tags). */
export const unseen = /[\0-\x1f\x7f-\x9f\u2028\u2029\u115f\u1160\u3164\uffa0]|\p{Cf}/u;
