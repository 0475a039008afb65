// What a server shows, before anybody sees it: items that are not as they were approved are left out, and so are such instructions.
import type { Primitive } from '../../access/decision.ts';
import type { Pins } from '../../inspect/pins/pins.ts';
import { reservedPrefix } from '../../protocol/envelope.ts';
import { isJsonObject, result } from '../../protocol/message.ts';
import type { JsonObject, RequestMessage, ResponseMessage } from '../../protocol/message.ts';
import { shorterList } from '../../protocol/shorter-list.ts';
import { asWritten } from '../../protocol/written-numbers.ts';
import type { Upstream } from '../../upstream/channel.ts';
import { requests } from '../methods.ts';
import type { ListMember } from '../methods.ts';

/** Says in the `_meta` of a list or a greeting that not all of it is shown. */
export const withheldMember = 'genkan/withheld';

export interface Screening {
  /**
   * A server's answer as it may be shown; one in which nothing is withheld keeps its original bytes.
   * @param whole false where it is only the beginning of what the server has said
   */
  screen(message: RequestMessage, response: ResponseMessage, whole: boolean): Promise<ResponseMessage>;
  close(): void;
}

export interface ScreeningOptions {
  readonly pins: Pins;
  readonly upstream: Upstream;
  /** Tools that were left out, by the server's names. */
  readonly onLeftOut: (names: readonly string[]) => void;
  /** Other items may be used than before. */
  readonly onChange: (kinds: ReadonlySet<Primitive>) => void;
}

/** Where a list that comes in pages has got to. */
interface Reading {
  readonly cursor: string;
  readonly names: Set<string>;
}

/** Names of one list that are remembered while it comes. */
const maxNames = 100_000;

export function createScreening({ pins, upstream, onLeftOut, onChange }: ScreeningOptions): Screening {
  const { name: server } = upstream;
  const shared = upstream.actsAs === undefined;
  const readings = new Map<ListMember, Reading>();
  const stop = pins.watch(server, (kinds) => {
    const lists = [...kinds].flatMap((kind) => (kind === 'instructions' || kind === 'server' ? [] : primitiveOf(kind)));
    if (lists.length > 0) onChange(new Set(lists));
  });

  /** Takes note of a page. @returns the names of the whole list, at its end */
  function read(member: ListMember, cursor: unknown, names: readonly string[], next: unknown): Set<string> | undefined {
    const before = readings.get(member);
    readings.delete(member);
    const goesOn = cursor !== undefined;
    if (goesOn && before?.cursor !== cursor) return undefined; // its beginning was not seen
    const all = goesOn ? before!.names : new Set<string>();
    for (const name of names) all.add(name);
    if (typeof next !== 'string' || next === cursor) return all;
    if (all.size < maxNames) readings.set(member, { cursor: next, names: all });
    return undefined;
  }

  async function list(
    { params }: RequestMessage,
    response: ResponseMessage,
    { member, identifier }: { readonly member: ListMember; readonly identifier: string },
    whole: boolean,
  ): Promise<ResponseMessage> {
    const items: unknown = response.result?.[member];
    if (!Array.isArray(items)) return response;
    const named = (items as unknown[]).filter(
      (item): item is JsonObject => isJsonObject(item) && typeof item[identifier] === 'string',
    );
    const names = named.map((item) => item[identifier] as string);
    if (!whole) readings.delete(member);
    const complete = whole ? read(member, params['cursor'], names, response.result!['nextCursor']) : undefined;
    const passing = await pins.observe(server, member, named, { complete, shared });
    const leftOut = new Set<unknown>(named.filter((_item, at) => !passing[at]));
    if (leftOut.size === 0) return response;
    if (member === 'tools') onLeftOut(names.filter((_name, at) => !passing[at]));
    const kept = (items as unknown[]).filter((item) => !leftOut.has(item));
    const meta = asWritten(response).result!['_meta'];
    return shorterList(response, member, kept, {
      _meta: { ...(isJsonObject(meta) && meta), [withheldMember]: true },
    });
  }

  async function greeting({ method }: RequestMessage, response: ResponseMessage): Promise<ResponseMessage> {
    const { result: said } = asWritten(response);
    if (said === undefined) return response;
    const meta = isJsonObject(said['_meta']) ? said['_meta'] : {};
    const isModern = method === 'server/discover';
    const info = isModern ? meta[infoMember] : said['serverInfo'];
    const { capabilities, instructions } = said;
    const shown = await pins.introduce(server, { info, capabilities, instructions });
    if (shown.info && shown.instructions) return response;
    const { instructions: _, ...rest } = said;
    const plain = { name: server, version: isJsonObject(info) ? info['version'] : undefined };
    return result(response.id!, {
      ...(shown.instructions ? said : rest),
      ...(!shown.info && !isModern && { serverInfo: plain }),
      _meta: {
        ...meta,
        ...(!shown.info && isModern && { [infoMember]: plain }),
        [withheldMember]: true,
      },
    });
  }

  return {
    screen(message, response, whole) {
      const { lists, greets } = requests.get(message.method) ?? {};
      if (response.result === undefined || (lists === undefined && greets !== true)) return Promise.resolve(response);
      return lists === undefined ? greeting(message, response) : list(message, response, lists, whole);
    },
    close: stop,
  };
}

/** Where nothing is pinned. */
export const unscreened: Screening = {
  screen: (_message, response) => Promise.resolve(response),
  close: () => undefined,
};

const primitiveOf = (kind: ListMember): Primitive => (kind === 'resourceTemplates' ? 'resources' : kind);
const infoMember = `${reservedPrefix}serverInfo`;
