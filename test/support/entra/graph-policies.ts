// Conditional access at the Microsoft Graph stand-in: policies, authentication contexts, named locations.
import { randomUUID } from 'node:crypto';
import { badRequest, filtered, notFound, paged, requireOneOf } from './graph-protocol.ts';
import type { GraphCall, GraphRoutes } from './graph-routes.ts';
import { created } from './graph-routes.ts';
import type { EntraState } from './state.ts';

export interface GraphObject {
  id: string;
  [name: string]: unknown;
}

export interface ConditionalAccess {
  readonly policies: GraphObject[];
  readonly contexts: GraphObject[];
  readonly namedLocations: GraphObject[];
}

export const someConditionalAccess = (): ConditionalAccess => ({
  policies: [],
  contexts: [{ id: 'c1', displayName: 'Strong sign-in', description: 'A second factor', isAvailable: true }],
  namedLocations: [
    {
      '@odata.type': '#microsoft.graph.ipNamedLocation',
      id: randomUUID(),
      displayName: 'Head office',
      isTrusted: true,
      ipRanges: [{ '@odata.type': '#microsoft.graph.iPv4CidrRange', cidrAddress: '203.0.113.0/24' }],
    },
  ],
});

export function policyRoutes(state: EntraState, store: ConditionalAccess): GraphRoutes {
  const reads = ['Policy.Read.All', 'Policy.ReadWrite.ConditionalAccess'];
  const mayRead = ({ asker }: GraphCall): void => requireOneOf(asker, reads, reads);
  const mayWrite = ({ asker }: GraphCall): void =>
    requireOneOf(asker, ['Policy.ReadWrite.ConditionalAccess'], ['Policy.ReadWrite.ConditionalAccess']);
  const list = (items: readonly GraphObject[]) => (call: GraphCall) => {
    mayRead(call);
    return paged(call.url, filtered(items, call.url.searchParams), 100);
  };
  const one = (items: readonly GraphObject[], id: string): GraphObject => {
    const found = items.find((each) => each.id === id);
    if (found === undefined) throw notFound(id);
    return found;
  };
  const get = (items: readonly GraphObject[]) => (call: GraphCall) => {
    mayRead(call);
    return one(items, call.id);
  };
  const base = '/identity/conditionalAccess';
  return {
    [`GET ${base}/policies`]: list(store.policies),
    [`GET ${base}/policies/{id}`]: get(store.policies),
    [`POST ${base}/policies`](call) {
      mayWrite(call);
      for (const name of ['displayName', 'state', 'conditions'])
        if (call.body[name] === undefined) throw badRequest(`1003: The policy is missing required property ${name}.`);
      const now = new Date(state.now()).toISOString();
      const made = { ...call.body, id: randomUUID(), createdDateTime: now, modifiedDateTime: null };
      store.policies.push(made);
      return { ...made, [created]: true };
    },
    [`PATCH ${base}/policies/{id}`](call) {
      mayWrite(call);
      Object.assign(one(store.policies, call.id), call.body, { modifiedDateTime: new Date(state.now()).toISOString() });
      return undefined;
    },
    [`DELETE ${base}/policies/{id}`](call) {
      mayWrite(call);
      store.policies.splice(store.policies.indexOf(one(store.policies, call.id)), 1);
      return undefined;
    },
    [`GET ${base}/authenticationContextClassReferences`]: list(store.contexts),
    [`GET ${base}/authenticationContextClassReferences/{id}`]: get(store.contexts),
    // Contexts have fixed names c1 to c99, so one is made by changing it.
    [`PATCH ${base}/authenticationContextClassReferences/{id}`](call) {
      mayWrite(call);
      if (!/^c([1-9]\d?)$/.test(call.id)) throw badRequest(`1040: Invalid context id ${call.id}.`);
      const known = store.contexts.find(({ id }) => id === call.id);
      if (known === undefined)
        store.contexts.push({ description: null, isAvailable: false, ...call.body, id: call.id });
      else Object.assign(known, call.body);
      return undefined;
    },
    [`GET ${base}/namedLocations`]: list(store.namedLocations),
    [`GET ${base}/namedLocations/{id}`]: get(store.namedLocations),
  };
}
