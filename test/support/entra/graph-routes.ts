// The shape of a route of the Microsoft Graph stand-in, and how a request finds its own.
import type { Asker } from './graph-protocol.ts';

export interface GraphCall {
  readonly asker: Asker;
  readonly url: URL;
  /** `ConsistencyLevel: eventual`, without which Graph answers no advanced query. */
  readonly eventual: boolean;
  /** What stands for `{id}` and `{other}` of the route. */
  readonly id: string;
  readonly other: string;
  readonly body: Record<string, unknown>;
}

/** Keys are `METHOD /path/{id}`. An answer without content is `undefined`; `created` makes it 201. */
export type GraphRoutes = Readonly<
  Record<string, (call: GraphCall) => object | undefined | Promise<object | undefined>>
>;

export const created = Symbol('created');

/** @param path below `/v1.0`, with `things(appId='x')` written as `things/appId=x` */
export function findRoute(routes: GraphRoutes, method: string, path: string) {
  const asked = `${method} ${path}`.split('/');
  for (const [pattern, answer] of Object.entries(routes)) {
    const parts = pattern.split('/');
    if (parts.length !== asked.length) continue;
    const found = new Map<string, string>();
    const matches = parts.every((part, at) => {
      if (!part.startsWith('{')) return part === asked[at];
      found.set(part, decodeURIComponent(asked[at]!));
      return true;
    });
    if (matches) return { answer, id: found.get('{id}') ?? '', other: found.get('{other}') ?? '' };
  }
  return undefined;
}
