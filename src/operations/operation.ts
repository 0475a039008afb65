// What an operation is: one administrative act, written once, from which every door is made.
import type { z } from 'zod';
import type { Effect } from '../access/decision.ts';
import type { Refusal } from '../base/errors.ts';
import type { Principal } from '../base/principal.ts';
import type { Desk, House } from './house.ts';

/** `cli`: the command line at the machine itself. `rest`: the REST API, for anybody with the right. */
export type Door = 'cli' | 'rest';

/** Who asks for an operation, and from where. */
export interface Caller {
  readonly principal: Principal;
  readonly sourceIP: string;
  readonly userAgent: string;
}

interface Description<Input extends z.ZodObject, Output extends z.ZodType> {
  /** `noun.verb`: the command `genkan noun verb`, the route `POST /api/noun/verb`. */
  readonly id: string;
  /** One sentence for help and reference, without a final full stop. */
  readonly summary: string;
  /** What else there is to know before using it, e.g. what it does not do; for help and reference. */
  readonly about?: string;
  /** Action that the caller's roles must grant at `/`. */
  readonly action: `genkan/${string}`;
  /**
   * `anybody`: open to whoever is signed in, who needs no role for what is their own; whom it shows or lets do more, the
   * operation itself decides.
   */
  readonly audience?: 'anybody';
  readonly effect: Effect;
  readonly doors: readonly Door[];
  readonly input: Input;
  readonly output: Output;
  /** Names of inputs that the command line takes by position as well. */
  readonly positional?: readonly (keyof z.output<Input> & string)[];
  /** What the act is done to, for the audit record; `/` by default. */
  resource?(input: z.output<Input>): string;
  /** Inputs that the audit record must not hold, nor what a refusal says of them. */
  readonly unsaid?: readonly (keyof z.output<Input> & string)[];
  /** What the audit record of the outcome says besides the input, e.g. which version it made. */
  noted?(output: z.output<Output>): Record<string, unknown>;
  /**
   * The answer for people; by default each field, and a table for each list.
   * @param width columns of the terminal
   */
  print?(output: z.output<Output>, width?: number): string;
  /** Whether the answer reports problems: the command then ends with exit code 4. */
  problems?(output: z.output<Output>): boolean;
}

export interface Operation<
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodType = z.ZodType,
> extends Description<Input, Output> {
  readonly where?: undefined;
  run(house: House, input: z.output<Input>, caller: Caller): Promise<z.output<Output> | Refusal>;
}

/** An operation on files alone. The command line carries it out itself, whether or not a server runs, with the rights that the files give. */
export interface DeskOperation<
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodType = z.ZodType,
> extends Description<Input, Output> {
  readonly where: 'data';
  /**
   * Whoever asks for it learns what people did, so the asking itself has to be on record: the house carries it out, which alone can
   * write there. At a desk only those ask whose own records they are.
   */
  readonly onRecord?: true;
  /** What the command line itself does with the answer of a house: inputs that do not go there, and what becomes of them. */
  readonly after?: {
    readonly inputs: readonly (keyof z.output<Input> & string)[];
    carryOut(desk: Desk, output: z.output<Output>, input: z.output<Input>): z.output<Output> | Refusal;
  };
  run(desk: Desk, input: z.output<Input>, caller: Caller): Promise<z.output<Output> | Refusal>;
}

export type AnyOperation = Operation | DeskOperation;

/** Declares an operation. Its types follow from its schemas. */
export const defineOperation = <Input extends z.ZodObject, Output extends z.ZodType>(
  operation: Operation<Input, Output>,
): Operation<Input, Output> => operation;

/** Declares an operation on files alone. */
export const defineDeskOperation = <Input extends z.ZodObject, Output extends z.ZodType>(
  operation: DeskOperation<Input, Output>,
): DeskOperation<Input, Output> => operation;
