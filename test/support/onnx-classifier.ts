// A text classifier in ONNX made by hand, byte by byte, with its tokenizer: it takes texts with the word "parking" for attacks.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { unless } from './skipping.ts';

const isInstalled = (name: string): boolean => {
  try {
    return import.meta.resolve(name) !== '';
  } catch {
    return false;
  }
};
const absent = ['onnxruntime-web', '@huggingface/tokenizers'].find((name) => !isInstalled(name));
/** The packages are optional. */
export const withoutOnnx = unless(absent === undefined, `${absent} is not installed`);

export interface OnnxFiles {
  readonly model: string;
  readonly tokenizer: string;
}

const words = ['[UNK]', '[CLS]', 'hello', 'parking', 'rules', 'a'];

/** @param inputs besides `input_ids` */
export function writeClassifier(folder: string, inputs: readonly string[] = ['attention_mask']): OnnxFiles {
  const [model, tokenizer] = [path.join(folder, 'model.onnx'), path.join(folder, 'tokenizer.json')];
  writeFileSync(model, classifier(inputs));
  const vocab = Object.fromEntries(words.map((word, index) => [word, index]));
  writeFileSync(
    tokenizer,
    JSON.stringify({
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: [],
      normalizer: { type: 'Lowercase' },
      pre_tokenizer: { type: 'Whitespace' },
      post_processor: {
        type: 'TemplateProcessing',
        single: [{ SpecialToken: { id: '[CLS]', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
        pair: [],
        special_tokens: { '[CLS]': { id: '[CLS]', ids: [1], tokens: ['[CLS]'] } },
      },
      decoder: null,
      model: {
        type: 'WordPiece',
        unk_token: '[UNK]',
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
        vocab,
      },
    }),
  );
  return { model, tokenizer };
}

/** Each word has two weights; the greatest of each column are the logits of "harmless" and "attack". Field numbers: onnx.proto3. */
function classifier(inputs: readonly string[]): Buffer {
  const weights = words.flatMap((word) => (word === 'parking' ? [0, 5] : [0, -5]));
  const gather = node('Gather', ['weights', 'input_ids'], 'each', int('axis', 0));
  const greatest = node('ReduceMax', ['each'], 'logits', ints('axes', [1]), int('keepdims', 0));
  const graph = Buffer.concat([
    bytes(1, gather),
    bytes(1, greatest),
    bytes(2, 'classifier'),
    bytes(5, floats('weights', [words.length, 2], weights)),
    ...['input_ids', ...inputs].map((name) => bytes(11, value(name, 7, [1, 'tokens']))),
    bytes(12, value('logits', 1, [1, 2])),
  ]);
  return Buffer.concat([number(1, 8), bytes(7, graph), bytes(8, Buffer.concat([bytes(1, ''), number(2, 13)]))]);
}

const node = (operator: string, inputs: readonly string[], output: string, ...attributes: readonly Buffer[]): Buffer =>
  Buffer.concat([
    ...inputs.map((input) => bytes(1, input)),
    bytes(2, output),
    bytes(4, operator),
    ...attributes.map((attribute) => bytes(5, attribute)),
  ]);
const int = (name: string, given: number): Buffer => Buffer.concat([bytes(1, name), number(3, given), number(20, 2)]);
const ints = (name: string, given: readonly number[]): Buffer =>
  Buffer.concat([bytes(1, name), ...given.map((each) => number(8, each)), number(20, 7)]);
const floats = (name: string, dims: readonly number[], data: readonly number[]): Buffer =>
  Buffer.concat([
    ...dims.map((dim) => number(1, dim)),
    number(2, 1),
    bytes(8, name),
    bytes(9, Buffer.from(new Float32Array(data).buffer)),
  ]);
const value = (name: string, type: number, dims: readonly (number | string)[]): Buffer => {
  const shape = dims.map((dim) => bytes(1, typeof dim === 'string' ? bytes(2, dim) : number(1, dim)));
  return Buffer.concat([
    bytes(1, name),
    bytes(2, bytes(1, Buffer.concat([number(1, type), bytes(2, Buffer.concat(shape))]))),
  ]);
};

function number(field: number, given: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(given)]);
}
function bytes(field: number, given: Buffer | string): Buffer {
  const content = Buffer.from(given);
  return Buffer.concat([varint(field * 8 + 2), varint(content.length), content]);
}
function varint(given: number): Buffer {
  const all: number[] = [];
  for (let left = given; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...all, left]);
    all.push((left % 128) + 128);
  }
}
