// A place outside that keeps checkpoints: what each kind of witness has to do.

export interface Outgoing {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
  /** The signed checkpoint. */
  readonly note: string;
  /** Proof that it extends the tree of so many records (RFC 6962 §2.1.2); at most `size`. */
  proofFrom(size: number): readonly Buffer[];
}

export interface Taken {
  /** The line of a cosignature that was checked. */
  readonly cosignature?: string;
  /** What counts as published afterwards, where it is more than what was handed over. */
  readonly size?: number;
}

export interface Place {
  /** Whether it says each time anew that it has seen nothing larger. */
  readonly refreshes?: boolean;
  /**
   * Keeps a checkpoint, durably.
   * @param since size that it took last
   * @throws NotKept
   */
  keep(checkpoint: Outgoing, since: number, signal: AbortSignal): Promise<Taken>;
}

/** Why a place did not keep a checkpoint. The message holds nothing secret. */
export class NotKept extends Error {
  /** The place has seen a history that ours does not continue. */
  readonly contradicts: boolean;

  constructor(message: string, { contradicts = false, cause }: { contradicts?: boolean; cause?: unknown } = {}) {
    super(message, { cause });
    this.name = 'NotKept';
    this.contradicts = contradicts;
  }
}

/** What went wrong on a connection, without addresses. */
export function connectionTrouble(error: unknown): NotKept {
  const { code, name } = (error instanceof Error ? (error.cause ?? error) : {}) as { code?: string; name?: string };
  return new NotKept(`nobody answered: ${code ?? name ?? 'no connection'}`, { cause: error });
}

/** Reads the body of an answer that should be short. */
export async function shortText(response: Response, limit = 65_536): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > limit) throw new NotKept('its answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
