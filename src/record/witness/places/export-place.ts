// A record in the log itself that holds the checkpoint: every sink of the export has it, such as the table in Microsoft Sentinel.
import type { Recorder } from '../../entry.ts';
import { NotKept } from './place.ts';
import type { Place } from './place.ts';

/** @param note appends what Genkan itself has to say */
export const createExportPlace = (
  note: (details: { readonly checkpoint: string }) => ReturnType<Recorder['append']>,
): Place => ({
  async keep({ note: checkpoint, size }, since) {
    // Its own record is no reason for the next one: else the log would grow for ever by itself.
    if (size === since) return { size };
    const index = await note({ checkpoint }).catch((cause: unknown) => {
      throw new NotKept('the record cannot be written', { cause });
    });
    return { size: index === size ? size + 1 : size };
  },
});
