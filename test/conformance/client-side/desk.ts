// Where each scenario of the suite's client side is played: a person's client in front of Genkan, the suite as a server behind it.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { accountId } from '../../../src/identity/accounts.ts';
import { createBrowser } from '../../support/browser.ts';
import { openTestHouse } from '../../support/house.ts';
import type { TestHouse } from '../../support/house.ts';
import { startOidcStandIn } from '../../support/oidc-stand-in.ts';
import { headingOf } from '../../support/sign-in-walk.ts';
import { authorizationOf } from './authorization.ts';
import type { Scenario } from './authorization.ts';
import { playClient } from './play.ts';
import type { Play } from './play.ts';

export interface Desk extends AsyncDisposable {
  readonly url: string;
}

/**
 * One Genkan for all scenarios; each adds its server through the REST door as an administrator does, and removes it.
 * @param tell hears what the client would have shown
 */
export async function openDesk(tell: (said: string) => void): Promise<Desk> {
  await using opened = new AsyncDisposableStack();
  const provider = await startOidcStandIn();
  opened.defer(() => provider.close());
  const { issuer } = provider;
  const administrator = { principal: { user: accountId(issuer, 'omar') }, role: 'Genkan Operator', scope: '/' };
  const house = opened.use(
    await openTestHouse(
      {
        // Scenarios run side by side, each with a server of its own that has the same tools.
        inspect: { pins: { alike: [Array.from({ length: 100 }, (_, at) => `conformance-${at + 1}`)] } },
        access: { assignments: [administrator] },
        gateway: { maxSessionsPerUser: 500 }, // the suite plays all scenarios at once
      },
      issuer,
    ),
  );
  provider.person = { sub: 'dana', name: 'Dana', preferred_username: 'dana@example.com', groups: ['makers'] };

  const signIn = openBrowser(house.url);
  let count = 0;
  const desk = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const scenario = JSON.parse(Buffer.concat(chunks).toString()) as Scenario;
      const end = (status: number, said: string): void => {
        tell(said);
        response.writeHead(status).end(said);
      };
      play(house, signIn, `conformance-${++count}`, scenario).then(
        (said) => end(200, said.join('\n')),
        (error: unknown) => end(500, String((error as Error).stack)),
      );
    });
  });
  await new Promise<void>((resolve) => desk.listen(0, '127.0.0.1', resolve));
  opened.defer(() => {
    desk.closeAllConnections();
    return new Promise<void>((resolve) => desk.close(() => resolve()));
  });
  const everything = opened.move();
  return {
    url: `http://127.0.0.1:${(desk.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}

/** @returns what the client would have shown */
async function play(house: TestHouse, signIn: Play['signIn'], name: string, scenario: Scenario): Promise<string[]> {
  const { serverUrl: url, revision, context } = scenario;
  const authorization = authorizationOf(scenario, house.dataDirectory);
  await administer(house, 'server/add', { name, url, allow: ['makers'], ...authorization });
  try {
    return await playClient({
      url: `${house.url}/mcp/${name}`,
      token: await house.token('dana', name),
      revision,
      toolCalls: context.toolCalls,
      signIn,
    });
  } finally {
    await administer(house, 'server/remove', { name });
  }
}

/** The browser of one person, who signs in at one place after the other. */
function openBrowser(genkan: string): (address: string) => Promise<string> {
  const browser = createBrowser();
  let before: Promise<unknown> = Promise.resolve();

  // The suite's authorization server and our stand-in provider both approve by themselves.
  async function signIn(address: string): Promise<string> {
    if (!address.startsWith(`${genkan}/`)) throw new Error(`asked to sign in at ${address}`);
    const { response, page = '' } = await browser.follow(address, () => false);
    return `signed in: ${response?.status} ${headingOf(page)}`;
  }

  return (address) => {
    const signedIn = before.then(() => signIn(address));
    before = signedIn.catch(() => undefined);
    return signedIn;
  };
}

async function administer(house: TestHouse, operation: string, input: object): Promise<void> {
  const omar = (await house.house.people.find('omar'))!;
  const { token } = await house.house.trial!.token(omar, `${house.url}/api`);
  const answer = await fetch(`${house.url}/api/${operation}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  if (!answer.ok) throw new Error(`${operation}: ${answer.status} ${await answer.text()}`);
  await answer.body?.cancel();
}
