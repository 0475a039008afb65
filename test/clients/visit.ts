// What every client does at every address: signs in, lists, calls, is asked, is refused, and comes back when its token has expired.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { Driver } from './driver.ts';
import { accessTokenSeconds, forbidden, servers } from './front-door.ts';
import type { FrontDoor } from './front-door.ts';

const tool = 'test_simple_text';
const asking = 'test_elicitation';

/** An address, the servers that are seen there, and how their tools are called. */
export interface Address {
  readonly path: string;
  readonly shows: readonly string[];
  readonly name: (server: string, own: string) => string;
}

const asItIs = (_server: string, own: string): string => own;
const withServer = (server: string, own: string): string => `${server}__${own}`;

/** A server of each era alone, and everything at once; for clients of HTTP+SSE at addresses of their own. */
export const addressesFor = ({ speaks }: Driver): readonly Address[] => [
  { path: speaks === 'HTTP+SSE' ? '/mcp/legacy/sse' : '/mcp/legacy', shows: ['legacy'], name: asItIs },
  { path: speaks === 'HTTP+SSE' ? '/mcp/modern/sse' : '/mcp/modern', shows: ['modern'], name: asItIs },
  { path: speaks === 'HTTP+SSE' ? '/sse' : '/mcp', shows: servers, name: withServer },
];

/**
 * @param did is told each step that held
 * @throws at the first that does not
 */
export async function visit(
  door: FrontDoor,
  driver: Driver,
  { path, shows, name }: Address,
  did: (step: string) => void,
): Promise<void> {
  const asked: string[] = [];
  const caller = await driver.open({
    url: `${door.url}${path}`,
    person: door.person,
    folder: door.folder(`${driver.client} ${driver.speaks} ${path}`),
    answer(message) {
      asked.push(message);
      return { username: 'dana', email: 'dana@example.com' };
    },
  });
  try {
    const tools = await caller.tools();
    did('signed in');

    for (const server of shows) {
      assert.ok(tools.includes(name(server, tool)), `${server}: shows what may be called`);
      assert.ok(!tools.includes(name(server, forbidden.tool)), `${server}: does not show what may not`);
    }
    did('listed');

    for (const server of shows) assert.match(await caller.call(name(server, tool), {}), /simple text response/);
    did('called');

    // At /mcp one of each era is enough; mcp-remote takes more than twenty refreshes for a mistake.
    for (const server of shows.slice(0, 2)) {
      const question = `Who at ${server}?`;
      // Where several servers share the address, Genkan says which of them asks.
      const shown = shows.length > 1 ? `${server}> ${question}` : question;
      const call = caller.call(name(server, asking), { message: question });
      if (driver.asksPeople) {
        assert.match(await call, /action=accept.*dana@example\.com/, `${server}: hears the answer`);
        assert.equal(asked.at(-1), shown, `${server}: the question reaches the person`);
      } else assert.doesNotMatch(await call.catch(String), /action=accept/, `${server}: the call comes to an end`);
    }
    did(driver.asksPeople ? 'was asked' : 'cannot be asked');

    for (const server of shows.slice(0, 2)) {
      const own = caller.prompt === undefined ? forbidden.tool : forbidden.prompt;
      const attempt = caller.prompt?.(name(server, own)) ?? caller.call(name(server, own), {});
      const missing = new RegExp(`mcp/servers/${server}/\\w+/${own}`);
      await assert.rejects(attempt, (error) => missing.test(String(error)), `${server}: says in words what is missing`);
    }
    did('was refused');

    await pause(accessTokenSeconds * 1000);
    assert.match(await caller.call(name(shows[0]!, tool), {}), /simple text response/);
    did('came back');
  } finally {
    await caller.close();
  }
}
