#!/usr/bin/env node
// As much of the Azure CLI as the printed lines use, against the Microsoft Graph stand-in: GRAPH_URL, GRAPH_TOKEN; AZ_LOG gets the arguments.
import { appendFileSync, readFileSync } from 'node:fs';
import { argv, env } from 'node:process';

const words = argv.slice(2);
appendFileSync(env['AZ_LOG']!, `${JSON.stringify(words)}\n`);
const option = (name: string): string => {
  const value = words[words.indexOf(`--${name}`) + 1];
  if (!words.includes(`--${name}`) || value === undefined) throw new Error(`--${name} is missing`);
  return value.startsWith('@') ? readFileSync(value.slice(1), 'utf8') : value;
};

async function graph(method: string, url: string, body?: string): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${env['GRAPH_TOKEN']!}`, 'content-type': 'application/json' };
  const response = await fetch(url, { method, headers, ...(body !== undefined && { body }) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

const base = `${env['GRAPH_URL']!}/v1.0`;
const application = (): string => `${base}/applications(appId='${option('id')}')`;
const commands: Readonly<Record<string, () => Promise<Record<string, unknown>>>> = {
  'ad app create': () =>
    graph(
      'POST',
      `${base}/applications`,
      JSON.stringify({ displayName: option('display-name'), signInAudience: option('sign-in-audience') }),
    ),
  'ad app show': () => graph('GET', application()),
  'ad app update': () => graph('PATCH', application(), JSON.stringify({ identifierUris: [option('identifier-uris')] })),
  'ad sp create': () => graph('POST', `${base}/servicePrincipals`, JSON.stringify({ appId: option('id') })),
  'ad sp show': () => graph('GET', `${base}/servicePrincipals(appId='${option('id')}')`),
  'ad app owner': () =>
    graph(
      'POST',
      `${application()}/owners/$ref`,
      JSON.stringify({ '@odata.id': `${base}/directoryObjects/${option('owner-object-id')}` }),
    ),
  'ad app federated-credential': () =>
    graph('POST', `${application()}/federatedIdentityCredentials`, option('parameters')),
  'ad app permission': () => Promise.resolve({}),
  rest: () => graph(option('method'), option('url'), option('body')),
};
const name = Object.keys(commands).find((each) => words.join(' ').startsWith(`${each} `));
if (name === undefined) throw new Error(`az ${words.join(' ')} is not known here`);
const answer = await commands[name]!();
if (words.includes('--query')) process.stdout.write(`${String(answer[option('query')])}\n`);
