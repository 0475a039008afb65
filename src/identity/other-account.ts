// Ends the session that another person has in a browser, once somebody has signed in there afresh.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';

/** @returns whether there was one */
export async function leaveOtherAccount(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  accountId: string,
): Promise<boolean> {
  const session = await provider.Session.get(provider.createContext(request, response));
  if (session.accountId === undefined || session.accountId === accountId) return false;
  await session.destroy();
  return true;
}
