// A container of Azure Blob Storage: one blob for each checkpoint, never written over; an immutability policy keeps it.
import { connectionTrouble, NotKept, shortText } from './place.ts';
import type { Place } from './place.ts';

// The Put Blob and Get Blob operations of this version: learn.microsoft.com/rest/api/storageservices/put-blob
const version = '2021-12-02';

/** @param token for https://storage.azure.com */
export function createBlobPlace(
  container: string,
  token: (signal: AbortSignal) => Promise<string>,
  fetch: typeof globalThis.fetch,
): Place {
  async function ask(url: string, method: 'GET' | 'PUT', signal: AbortSignal, body?: string): Promise<Response> {
    const bearer = await token(signal).catch((cause: unknown) => {
      throw new NotKept('Genkan could not sign in to Azure; look at its managed identity or at the credential', {
        cause,
      });
    });
    const headers = {
      authorization: `Bearer ${bearer}`,
      'x-ms-version': version,
      'x-ms-date': new Date().toUTCString(),
      ...(body !== undefined && {
        'x-ms-blob-type': 'BlockBlob',
        'content-type': 'text/plain; charset=utf-8',
        'if-none-match': '*', // only if there is none of this name
      }),
    };
    // A redirect would carry the token to somewhere that nobody has chosen.
    return fetch(url, { method, headers, redirect: 'manual', signal, ...(body !== undefined && { body }) }).catch(
      (error: unknown) => {
        throw connectionTrouble(error);
      },
    );
  }

  return {
    async keep({ origin, size, root, note }, _since, signal) {
      // In the order of their sizes, which is that of time.
      const name = `${String(size).padStart(16, '0')}-${root.toString('hex').slice(0, 16)}.checkpoint`;
      const url = `${container}/${encodeURIComponent(origin)}/${name}`;
      const put = await ask(url, 'PUT', signal, note);
      await put.body?.cancel();
      if (put.status === 201) return {};
      // 409 BlobAlreadyExists, or 412 by the condition: it may be ours, whose answer was lost.
      if (put.status === 409 || put.status === 412) {
        const there = await ask(url, 'GET', signal);
        const same = there.status === 200 && (await shortText(there)) === note;
        if (!same) throw new NotKept('another checkpoint of this name is there');
        return {};
      }
      throw new NotKept(explained[put.status] ?? `it answered ${put.status}`);
    },
  };
}

const explained: Readonly<Record<number, string>> = {
  401: 'it refuses the token (401); is it the tenant of the storage account?',
  403: 'it refuses (403): Genkan needs the role "Storage Blob Data Contributor" at the container, and a way through its firewall',
  404: 'there is no such container (404)',
};
