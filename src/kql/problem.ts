// What is wrong with a query: said by name and place, so that whoever wrote it finds it.

/**
 * `syntax`: cannot be read. `unsupported`: KQL has it, this engine does not. `unknown`: no such table, column or function.
 * `type`: the words are right and their types are not. `budget`: it would take, or took, more than it may.
 */
export type ProblemKind = 'syntax' | 'unsupported' | 'unknown' | 'type' | 'budget';

export interface KqlProblem {
  readonly kind: ProblemKind;
  /** In plain English: what, and what to do about it. Never holds data of a row. */
  readonly message: string;
  /** Where in the query, in UTF-16 code units. */
  readonly from: number;
  readonly to: number;
}

/** Thrown by every part of the engine; the doors of the engine hand it on, nobody else catches it. */
export class KqlError extends Error {
  readonly problem: KqlProblem;

  constructor(kind: ProblemKind, message: string, { from, to }: { readonly from: number; readonly to: number }) {
    super(message);
    this.problem = { kind, message, from, to };
  }
}

/** Line and column of a place, both from 1. */
export function lineAndColumn(query: string, at: number): { readonly line: number; readonly column: number } {
  const before = query.slice(0, at).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}
