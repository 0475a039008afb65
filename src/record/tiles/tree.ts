// The Merkle tree of a log as others ask for it: proofs between any two of its sizes, tiles of hashes and bundles of records.
import type { DatabaseSync } from 'node:sqlite';
import { headSource, nodeSource, openForReading } from '../log-file.ts';
import { consistencyProof, inclusionProof } from '../merkle.ts';

/** c2sp.org/tlog-tiles: hashes of a full tile. */
export const tileWidth = 256;
const tileHeight = 8;

export interface TreeReader {
  readonly head: () => { readonly size: number; readonly note: string };
  /** `undefined` if the log is shorter. */
  consistency(earlier: number, size: number): Buffer[] | undefined;
  /** A record as it was hashed and its path in the tree of `size` records; `undefined` if it is not there. */
  inclusion(index: number, size: number): { readonly leaf: Buffer; readonly path: Buffer[] } | undefined;
  /** The first `width` hashes of a tile; `undefined` if there are not so many. */
  tile(level: number, index: number, width: number): Buffer | undefined;
  /** The first `width` records of a bundle, each with its length before it; `undefined` if some are not there any more. */
  entries(index: number, width: number): Buffer | undefined;
  close(): void;
}

/** @throws when the directory holds no readable audit log */
export function openTree(dataDirectory: string): TreeReader {
  const database: DatabaseSync = openForReading(dataDirectory);
  const head = headSource(database);
  const node = nodeSource(database);
  const selectLeaf = database.prepare('SELECT leaf FROM record WHERE idx = ?');
  const selectLeaves = database.prepare('SELECT leaf FROM record WHERE idx >= ? AND idx < ? ORDER BY idx');

  return {
    head,
    consistency: (earlier, size) =>
      size > head().size || earlier > size ? undefined : consistencyProof(earlier, size, node),
    inclusion(index, size) {
      if (index >= size || size > head().size) return undefined;
      const row = selectLeaf.get(index);
      if (row === undefined) return undefined;
      return { leaf: Buffer.from(row['leaf'] as Uint8Array), path: inclusionProof(index, size, node) };
    },
    tile(level, index, width) {
      // 256^7 is beyond every size that is counted exactly.
      if (level > 6) return undefined;
      const first = index * tileWidth;
      if ((first + width) * tileWidth ** level > head().size) return undefined;
      return Buffer.concat(Array.from({ length: width }, (_, at) => node(level * tileHeight, first + at)));
    },
    entries(index, width) {
      const first = index * tileWidth;
      if (first + width > head().size) return undefined;
      const rows = selectLeaves.all(first, first + width);
      if (rows.length !== width) return undefined;
      return Buffer.concat(
        rows.flatMap(({ leaf }) => {
          const entry = Buffer.from(leaf as Uint8Array);
          const length = Buffer.alloc(2);
          length.writeUInt16BE(entry.length);
          return [length, entry];
        }),
      );
    },
    close: () => database.close(),
  };
}
