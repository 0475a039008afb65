// Whether a caller may use anything at all on a server: asked before a conversation with it is opened, which may start a process.
import type { Principal } from '../base/principal.ts';
import type { Grant } from './assignment.ts';
import type { Access, Primitive } from './decision.ts';
import type { ActionMaps } from './needs.ts';
import { getOrPut } from './places.ts';
import { isInTime, timesOf } from './moment.ts';
import type { Rights, RightsIndex } from './rights.ts';
import { compileWildcard } from './wildcard.ts';

// Gateways ask for servers that they know; a bound holds for whoever asks for others.
const rememberedServers = 1024;

interface ReachNeighbours {
  readonly visible: Access['visible'];
  readonly nowMs: () => number;
}

/** Answers `Access.reaches`, once for each server and principal. Where it is not exact, it says yes and the call decides. */
export function createReach(
  maps: ActionMaps,
  index: RightsIndex,
  { visible, nowMs }: ReachNeighbours,
): Access['reaches'] {
  let remembered = new WeakMap<Rights, Map<string, boolean>>();
  /** The time in which what is remembered is right. */
  let [fromMs, untilMs] = [0, 0];

  function find(principal: Principal, rights: Rights, server: string, now: number): boolean {
    const grants = rights.grants().filter((grant) => isInTime(timesOf(grant), now));
    if (grants.length === 0 || index.readSite(`/servers/${server}`)?.scope.keys.length !== 2) return false;
    const map = maps.get(server);
    const surfaces: Primitive[] = map === undefined ? ['tools', 'prompts', 'resources'] : ['prompts', 'resources'];
    const opened = surfaces.filter((primitive) => !isShut(rights, server, primitive));
    return (
      grants.some((grant) => opened.some((primitive) => opens(grant, server, primitive))) ||
      (map?.tools.some((name) => visible(principal, { server, primitive: 'tools', name })) ?? false) ||
      (map?.isOpen === true && grants.some((grant) => isOfServer(grant, server, 'tools') && mayUse(grant, server)))
    );
  }

  function isShut(rights: Rights, server: string, primitive: Primitive): boolean {
    const site = index.readSite(`/servers/${server}/${primitive}`);
    const action = primitive === 'resources' ? 'read' : '*';
    return site !== undefined && rights.isAllShut(site, `mcp/servers/${server}/${primitive}/${action}`);
  }

  return (principal, server) => {
    const now = nowMs();
    if (now < fromMs || now >= untilMs) {
      remembered = new WeakMap();
      [fromMs, untilMs] = [now, index.nextChangeAtMs(now) ?? Infinity];
    }
    const rights = index.of(principal);
    const known = getOrPut(remembered, rights, () => new Map<string, boolean>());
    if (known.size >= rememberedServers) known.clear();
    return getOrPut(known, server, () => find(principal, rights, server, now));
  };
}

/** Whether one grant gives the default action of some tool, prompt or resource: where its scope meets theirs, so must its role. */
function opens({ role, scope }: Grant, server: string, primitive: Primitive): boolean {
  if (!isOfServer({ scope }, server, primitive)) return false;
  const ofName = scope.keys[3] ?? '*';
  const surface = `mcp/servers/${server}/${primitive}`;
  // Resources share one action, at the scope of them all.
  if (primitive === 'resources') return scope.keys.length <= 3 && role.mayGrant(`${surface}/read`);
  return role.mayGrant(`${surface}/${encodeURIComponent(ofName)}/${primitive === 'tools' ? 'call' : 'get'}`);
}

function isOfServer({ scope }: Pick<Grant, 'scope'>, server: string, primitive: Primitive): boolean {
  const [root = 'servers', ofServer = '*', ofPrimitive = primitive] = scope.keys;
  return root === 'servers' && ofPrimitive === primitive && compileWildcard(ofServer)(server);
}

/** What tools need that no map lists is found out with the call; it lies below the server in any case. */
const mayUse = ({ role }: Grant, server: string): boolean => role.mayGrant(`mcp/servers/${server}/*`);
