// How long it takes to cut the list of the real Azure MCP Server (235 tools, 580 KB) down to what one role may use.
import { createAzureMap } from '../src/access/azure/azure-map.ts';
import { bind } from '../src/access/assignment.ts';
import { createDecider } from '../src/access/decider.ts';
import { collectRoles } from '../src/access/roles.ts';
import { filterList } from '../src/gateway/lists.ts';
import { requests } from '../src/gateway/methods.ts';
import { parseMessage } from '../src/protocol/parse.ts';
import type { ResponseMessage } from '../src/protocol/message.ts';
import { listAzureTools } from '../test/support/azure-tools.ts';

const repeats = 15;

/** @returns median milliseconds from the bytes of the server's answer to the bytes for the client; null without the server */
export async function measureFilteredList(): Promise<number | null> {
  const raw = await listAzureTools();
  if (raw === undefined) return null;
  const roles = collectRoles([], () => '', {});
  const assignment = {
    id: 'bench',
    principal: { kind: 'group', id: 'bench' },
    role: 'Virtual Machine Contributor',
    scope: '/subscriptions/00000000-0000-0000-0000-000000000001',
    source: 'configuration',
  } as const;
  const azure = createAzureMap({ server: 'azure', subscriptions: {}, fixedArguments: {} });
  const access = { ...createDecider([bind(assignment, roles)], new Map([['azure', azure]])), version: () => 0 };
  const principal = { id: 'bench', kind: 'user', name: 'bench', groups: ['bench'] } as const;
  const conversation = {
    era: 'legacy',
    origin: (_primitive: string, name: string) => ({ server: 'azure', name }),
  } as never;
  const lists = requests.get('tools/list')!.lists!;
  const times = Array.from({ length: repeats }, () => {
    const startedAt = performance.now();
    const message = parseMessage(raw, { maxBytes: 16_777_216, maxDepth: 64 }) as ResponseMessage;
    filterList(message, lists, principal, conversation, access);
    return performance.now() - startedAt;
  });
  return Math.round(times.sort((a, b) => a - b)[Math.floor(repeats / 2)]! * 100) / 100;
}
