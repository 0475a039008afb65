// A configuration with secrets written into it, what is said of its mistakes, and all slips of one character that make some.
import { checkConfig } from '../../src/config/load.ts';
import { ConfigMistakes } from '../../src/config/mistake.ts';

export const secretConfig = `listen: 127.0.0.1:7300
identity:
  provider:
    issuer: https://login.example.com
    clientId: genkan
    clientSecret: hunter2hunter2
servers:
  web:
    url: https://mcp.example.com/mcp
    headers: { authorization: "Bearer hunter2hunter2", x-key: 'hunter2hunter2' }
  files:
    command: [node, server.js]
    env:
      GITHUB_TOKEN: |
        hunter2hunter2
        hunter2hunter2
`;

/** Everything that anybody gets to see of the mistakes of a configuration. */
export function shown(text: string): string {
  const checked = checkConfig('genkan.yaml', text);
  const mistakes = 'mistakes' in checked ? checked.mistakes : [];
  const { message, params } = new ConfigMistakes('genkan.yaml', mistakes);
  return [message, JSON.stringify(params), JSON.stringify(mistakes)].join('\n'); // all that the texts of other languages are filled with
}

const replacements = ['', ' ', ':', '"', "'", '\n', '{', '#', '-', '|'];
const insertions = [' ', ':', '"', '\n', '#'];

/**
 * Makes slips at every character.
 * @param oneIn how many of those at one character one is made of: others at the next
 * @returns the slips that brought a secret to light, and how many were mistakes at all
 */
export function makeSlips(oneIn: number): { readonly telling: readonly string[]; readonly mistaken: number } {
  const telling: string[] = [];
  let mistaken = 0;
  for (let at = 0; at < secretConfig.length; at++) {
    const [before, after] = [secretConfig.slice(0, at), secretConfig.slice(at)];
    const slips = [
      ...replacements.map((slip) => before + slip + after.slice(1)),
      ...insertions.map((slip) => before + slip + after),
    ];
    for (const text of slips.filter((_, index) => (index + at) % oneIn === 0)) {
      const said = shown(text);
      if (said.includes('genkan.yaml:')) mistaken += 1;
      if (said.includes('hunter2')) telling.push(`near character ${at}:\n${text}`);
    }
  }
  return { telling, mistaken };
}
