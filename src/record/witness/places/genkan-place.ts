// A witness that speaks c2sp.org/tlog-witness, such as another Genkan: it is shown that our log only grew, and cosigns it.
import { createCosignatureVerifier } from '../cosignature.ts';
import { sizeIn, writeSubmission } from '../submission.ts';
import { connectionTrouble, NotKept, shortText } from './place.ts';
import type { Place } from './place.ts';

export function createGenkanPlace(
  { url, key }: { readonly url: string; readonly key: string },
  fetch: typeof globalThis.fetch,
): Place {
  const verifier = createCosignatureVerifier(key);
  const address = `${url.endsWith('/') ? url.slice(0, -1) : url}/add-checkpoint`;

  async function submit(body: string, signal: AbortSignal): Promise<{ status: number; text: string }> {
    try {
      const headers = { 'content-type': 'text/plain; charset=utf-8' };
      const response = await fetch(address, { method: 'POST', headers, body, redirect: 'manual', signal });
      return { status: response.status, text: await shortText(response) };
    } catch (error) {
      throw error instanceof NotKept ? error : connectionTrouble(error);
    }
  }

  return {
    refreshes: true,
    async keep(checkpoint, since, signal) {
      const { size, note } = checkpoint;
      let oldSize = Math.min(since, size);
      for (let attempt = 0; attempt < 3; attempt += 1) {
        const body = writeSubmission({ oldSize, proof: checkpoint.proofFrom(oldSize), note });
        const { status, text } = await submit(body, signal);
        if (status === 200) {
          const cosignature = verifier.find(note + text);
          if (cosignature === undefined) throw new NotKept('it did not cosign with the key that it should have');
          return { cosignature: cosignature.line };
        }
        if (status === 422) throw new NotKept('it has cosigned another history (422)', { contradicts: true });
        const known = status === 409 ? sizeIn(text.trimEnd()) : undefined;
        if (known === undefined) throw new NotKept(explained[status] ?? `it answered ${status}`);
        if (known > size)
          throw new NotKept(`it has cosigned ${known} records, and we have ${size}`, { contradicts: true });
        oldSize = known;
      }
      throw new NotKept('it says another size each time');
    },
  };
}

const explained: Readonly<Record<number, string>> = {
  403: 'it does not trust the key of this log (403); give it what "genkan audit checkpoint --key" prints',
  404: 'it is no witness for this log (404); give it the key that "genkan audit checkpoint --key" prints',
};
