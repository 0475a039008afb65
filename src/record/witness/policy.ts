// Policies of whoever verifies: which logs, which witnesses, and how many of them must have cosigned (c2sp.org/tlog-policy).
import { createVerifier, readVerifierKey, signatureTypes } from '../note.ts';
import { createCosignatureVerifier } from './cosignature.ts';
import type { Cosignature, CosignatureVerifier } from './cosignature.ts';

export interface Policy {
  /** Verifier keys of the logs that are accepted; none where the log is known from elsewhere. */
  readonly logs: readonly string[];
  /** Which witnesses have cosigned, and whether that is enough. */
  judge(checkpoint: string): { readonly enough: boolean; readonly cosigned: readonly Cosigned[] };
}

export interface Cosigned extends Pick<Cosignature, 'atSeconds'> {
  readonly witness: string;
}

type Judge = (cosigned: ReadonlySet<string>) => boolean;

const mostLines = 1000;

/** @throws TypeError which line of a policy is wrong, and why */
export function readPolicy(text: string): Policy {
  // Only tab and newline of the control characters; spaces and tabs alone separate.
  if (/[\x00-\x08\x0b-\x1f\x7f]/.test(text)) throw new TypeError('a control character stands in the policy');
  const logs: string[] = [];
  const witnesses = new Map<string, CosignatureVerifier>();
  const judges = new Map<string, Judge>();
  const members = new Set<string>();
  const keys = new Set<string>();
  let quorum: Judge | undefined;

  function unique(vkey: string, type: 1 | 4): void {
    const { key } = readVerifierKey(vkey, type);
    const bytes = key.export({ format: 'der', type: 'spki' }).toString('base64');
    if (keys.has(`${type} ${bytes}`)) throw new TypeError('the key is there twice');
    keys.add(`${type} ${bytes}`);
  }

  function define(name: string, judge: Judge): void {
    if (name === 'none' || judges.has(name)) throw new TypeError(`the name ${name} is taken`);
    judges.set(name, judge);
  }

  function found(name: string): Judge {
    const judge = judges.get(name);
    if (judge === undefined) throw new TypeError(`${name} is not defined before`);
    return judge;
  }

  function group(name: string, wanted: string, names: readonly string[]): void {
    const all = names.map((member) => {
      if (members.has(member)) throw new TypeError(`${member} is a member twice`);
      members.add(member);
      return found(member);
    });
    const count = wanted === 'all' ? all.length : wanted === 'any' ? 1 : Number(wanted);
    if (!/^(?:all|any|[1-9][0-9]{0,3})$/.test(wanted) || all.length === 0 || count > all.length)
      throw new TypeError(`${wanted} of ${all.length} cannot be`);
    define(name, (cosigned) => all.filter((judge) => judge(cosigned)).length >= count);
  }

  function read(words: readonly string[]): void {
    const [keyword, first = '', second = '', ...rest] = words;
    if (keyword === 'log' && words.length >= 2 && words.length <= 3) {
      unique(first, signatureTypes.ed25519);
      logs.push(first);
    } else if (keyword === 'witness' && words.length >= 3 && words.length <= 4) {
      unique(second, signatureTypes.cosignature);
      define(first, (cosigned) => cosigned.has(first));
      witnesses.set(first, createCosignatureVerifier(second));
    } else if (keyword === 'group' && words.length >= 4) group(first, second, rest);
    else if (keyword === 'quorum' && words.length === 2) {
      if (quorum !== undefined) throw new TypeError('there is another quorum');
      quorum = first === 'none' ? () => true : found(first);
    } else throw new TypeError('it is none of log, witness, group and quorum');
  }

  const lines = text.split('\n', mostLines + 1);
  if (lines.length > mostLines) throw new TypeError('the policy is too long');
  lines.forEach((line, at) => {
    const words = line.split(/[ \t]/).filter((word) => word !== '');
    if (words.length === 0 || words[0]!.startsWith('#')) return;
    try {
      read(words);
    } catch (error) {
      throw new TypeError(`line ${at + 1} of the policy: ${(error as Error).message}`, { cause: error });
    }
  });
  if (quorum === undefined) throw new TypeError('the policy has no quorum line');
  const enough = quorum;

  return {
    logs,
    judge(checkpoint) {
      const cosigned = [...witnesses].flatMap(([witness, verifier]) => {
        const cosignature = verifier.find(checkpoint);
        return cosignature === undefined ? [] : [{ witness, atSeconds: cosignature.atSeconds }];
      });
      return { enough: enough(new Set(cosigned.map(({ witness }) => witness))), cosigned };
    },
  };
}

/** The key among these that a checkpoint names as its origin. */
export const keyFor = (origin: string, verifierKeys: readonly string[]): string | undefined =>
  verifierKeys.find((key) => createVerifier(key).name === origin);
