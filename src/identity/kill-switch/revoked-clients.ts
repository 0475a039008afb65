// Makes the authorization server know no client that was revoked, wherever it looks for one.
import type { Provider } from 'oidc-provider';
import type { Disabled } from './disabled.ts';

/** Registered clients, those named by a document, and those of the configuration all come through this one door. */
export function refuseRevokedClients(provider: Provider, disabled: Disabled): void {
  const clients = provider.Client;
  const find = clients.find.bind(clients);
  clients.find = async (id) => {
    if (typeof id === 'string' && (await disabled.has('client', id))) return undefined;
    return find(id);
  };
}
