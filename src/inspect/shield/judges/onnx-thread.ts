// The thread in which a model looks at texts: a model takes a processor for as long as it takes, and requests must not wait for that.
import { readFile } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

export interface OnnxStart {
  readonly model: string;
  readonly tokenizer: string;
  readonly label: number;
  readonly maxTokens: number;
}

export type ToOnnx =
  { readonly id: number; readonly text: string } | { readonly id: number; readonly text?: undefined };

/** The chance that the text is an attack; without it, that the model said nothing of use. */
export interface FromOnnx {
  readonly id: number;
  readonly score?: number;
}

// As much of the two packages as is used: they are optional, so that their types may be absent as well.
interface Runtime {
  readonly env: { readonly wasm: { numThreads?: number }; logLevel?: string };
  readonly Tensor: new (type: 'int64', data: BigInt64Array, dims: readonly number[]) => object;
  readonly InferenceSession: {
    create(
      model: Uint8Array,
      options: object,
    ): Promise<{
      readonly inputNames: readonly string[];
      readonly outputNames: readonly string[];
      run(feeds: object): Promise<Record<string, { readonly data: unknown; readonly dims: readonly number[] }>>;
    }>;
  };
}
interface Tokenizers {
  readonly Tokenizer: new (
    tokenizer: object,
    config: object,
  ) => { encode(text: string): { readonly ids: readonly unknown[] } };
}

const { model, tokenizer: tokenizerFile, label, maxTokens } = workerData as OnnxStart;
const load = (name: string): Promise<unknown> => import(name);

async function open(): Promise<(text: string) => Promise<number>> {
  const { env, Tensor, InferenceSession } = (await load('onnxruntime-web')) as Runtime;
  const { Tokenizer } = (await load('@huggingface/tokenizers')) as Tokenizers;
  env.wasm.numThreads = 1;
  env.logLevel = 'fatal'; // its warnings would go to our standard output
  const tokenizer = new Tokenizer(JSON.parse(await readFile(tokenizerFile, 'utf8')) as object, {});
  const session = await InferenceSession.create(await readFile(model), { executionProviders: ['wasm'] });
  const known = new Set(['input_ids', 'attention_mask', 'token_type_ids']);
  const foreign = session.inputNames.find((name) => !known.has(name));
  if (foreign !== undefined) throw new Error('the model has an input that a text classifier does not have');
  const output = session.outputNames.includes('logits') ? 'logits' : session.outputNames[0]!;

  async function scoreOf(ids: readonly number[]): Promise<number> {
    const tensorOf = (value: (id: number) => number): object =>
      new Tensor(
        'int64',
        BigInt64Array.from(ids, (id) => BigInt(value(id))),
        [1, ids.length],
      );
    const inputs: Readonly<Record<string, () => object>> = {
      input_ids: () => tensorOf((id) => id),
      attention_mask: () => tensorOf(() => 1),
      token_type_ids: () => tensorOf(() => 0),
    };
    const feeds = Object.fromEntries(session.inputNames.map((name) => [name, inputs[name]!()]));
    const { data, dims } = (await session.run(feeds))[output]!;
    const isOneRow = data instanceof Float32Array && dims.length === 2 && dims[0] === 1 && dims[1] === data.length;
    if (!isOneRow || label >= data.length) throw new Error('the model has no such label');
    return chanceOf([...data], label);
  }

  // A text may have more tokens than the model reads at once. Its halves overlap by as much as an order needs to be seen.
  return async function score(text: string): Promise<number> {
    const { ids } = tokenizer.encode(text);
    if (!ids.every((id): id is number => Number.isSafeInteger(id)))
      throw new Error('the tokenizer is not of this model');
    if (ids.length <= maxTokens) return scoreOf(ids);
    const middle = text.length >> 1;
    const half = Math.min(overlap, text.length >> 4);
    if (middle < 2) throw new Error('the model reads too little at once');
    const parts = [text.slice(0, middle + half), text.slice(middle - half)];
    let worst = 0;
    for (const part of parts) worst = Math.max(worst, await score(part.toWellFormed()));
    return worst;
  };
}

const overlap = 100;

/** Softmax, and for a model with one output the logistic function. */
function chanceOf(logits: readonly number[], which: number): number {
  const most = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - most));
  const chance =
    logits.length === 1
      ? 1 / (1 + Math.exp(-logits[0]!))
      : powers[which]! / powers.reduce((sum, power) => sum + power, 0);
  if (!(chance >= 0 && chance <= 1)) throw new Error('the model says nothing that is a number');
  return chance;
}

const score = await open();
const waiting = new Map<number, string>();
let isBusy = false;

async function work(): Promise<void> {
  if (isBusy) return;
  isBusy = true;
  for (let next = waiting.entries().next(); !next.done; next = waiting.entries().next()) {
    const [id, text] = next.value;
    waiting.delete(id);
    const answer: FromOnnx = await score(text).then(
      (chance) => ({ id, score: chance }),
      () => ({ id }),
    );
    parentPort!.postMessage(answer);
    await turn(); // so that it hears what nobody waits for any more
  }
  isBusy = false;
}

parentPort!.on('message', ({ id, text }: ToOnnx) => {
  if (text === undefined) {
    if (waiting.delete(id)) parentPort!.postMessage({ id } satisfies FromOnnx);
    return;
  }
  waiting.set(id, text);
  void work();
});
