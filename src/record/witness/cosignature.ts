// Timestamped cosignatures of witnesses with Ed25519 (c2sp.org/tlog-cosignature): made, and checked.
import { sign, verify } from 'node:crypto';
import { readSigningKey, readVerifierKey, signatureLine, signatureTypes, splitNote } from '../note.ts';

const type = signatureTypes.cosignature;
const timeBytes = 8;

export interface Cosigner {
  readonly name: string;
  /** For policies of whoever verifies: `name+hash+base64key`. */
  readonly verifierKey: string;
  /**
   * States that this is the largest consistent tree seen of its log.
   * @param text of the checkpoint, without signatures
   * @returns the line that is put below the note
   */
  cosign(text: string, atSeconds: number): string;
}

export interface Cosignature {
  readonly atSeconds: number;
  /** As it stands below the note, its newline included. */
  readonly line: string;
}

export interface CosignatureVerifier {
  readonly name: string;
  /** The cosignature of this witness below a note; `undefined` if there is none, or it does not fit. */
  find(note: string): Cosignature | undefined;
}

// "Ed25519 signed message": two lines before the text keep it from being taken for anything else.
const message = (text: string, atSeconds: bigint): Buffer => Buffer.from(`cosignature/v1\ntime ${atSeconds}\n${text}`);

/** @throws TypeError if the key is malformed */
export function createCosigner(signingKey: string): Cosigner {
  const { name, id, key, verifierKey } = readSigningKey(signingKey, type);
  return {
    name,
    verifierKey,
    cosign(text, atSeconds) {
      const at = BigInt(atSeconds);
      const time = Buffer.alloc(timeBytes);
      time.writeBigUInt64BE(at);
      return signatureLine(name, Buffer.concat([id, time, sign(null, message(text, at), key)]));
    },
  };
}

/** @throws TypeError if the key is malformed */
export function createCosignatureVerifier(verifierKey: string): CosignatureVerifier {
  const { name, id, key } = readVerifierKey(verifierKey, type);
  return {
    name,
    find(note) {
      const { text, signatures } = splitNote(note) ?? {};
      const own = signatures?.find((one) => one.name === name && one.bytes.subarray(0, 4).equals(id));
      if (text === undefined || own === undefined || own.bytes.length !== 4 + timeBytes + 64) return undefined;
      const at = own.bytes.readBigUInt64BE(4);
      // It must not be zero (c2sp.org/tlog-witness), and what is no safe number is no time either.
      if (at === 0n || at > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
      const fits = verify(null, message(text, at), key, own.bytes.subarray(4 + timeBytes));
      return fits ? { atSeconds: Number(at), line: own.line } : undefined;
    },
  };
}
