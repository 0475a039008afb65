// Steps of a setup as lines for the Azure CLI, for bash and for PowerShell. Whatever a value holds, it stays one argument and is never run.
import { graphAppId } from './permissions.ts';
import type { Step } from './steps.ts';

export const shells = ['bash', 'powershell'] as const;
export type Shell = (typeof shells)[number];

/** @param clientId absent while the registration is yet to be made; the first line then remembers it in a variable */
export function shellLines(steps: readonly Step[], shell: Shell, graphUrl: string, clientId?: string): string[] {
  const write = shell === 'bash' ? bash : powershell;
  const known = clientId === undefined ? [] : [write.remember('APP_ID', write.quote(clientId))];
  const isObjectNeeded = steps.some(({ call }) => call.path.includes('{objectId}') && call.az === undefined);
  const lines = steps.flatMap((step, index) => {
    const line = lineOf(step, index + 1, write, graphUrl);
    const isCreate = step.kind === 'application' && step.act === 'create';
    return isCreate && isObjectNeeded ? [...line, objectId(write)] : line;
  });
  const isNew = steps.some(({ kind, act }) => kind === 'application' && act === 'create');
  return [...known, ...(!isNew && isObjectNeeded ? [objectId(write)] : []), ...lines];
}

const objectId = (write: Writer): string =>
  write.remember('OBJECT_ID', write.capture(`az ad app show --id ${write.use('APP_ID')} --query id --output tsv`));

function lineOf(step: Step, number: number, write: Writer, graphUrl: string): string[] {
  const { method, path, body, az } = step.call;
  if (az === 'create') {
    const name = write.quote(String(body?.['displayName']));
    const audience = write.quote(String(body?.['signInAudience']));
    return [
      write.remember(
        'APP_ID',
        write.capture(
          `az ad app create --display-name ${name} --sign-in-audience ${audience} --query appId --output tsv`,
        ),
      ),
    ];
  }
  if (az === 'identifier') {
    const uri = String((body?.['identifierUris'] as string[])[0]);
    const written = uri === 'api://{appId}' ? write.use('APP_ID', 'api://') : write.quote(uri);
    return [`az ad app update --id ${write.use('APP_ID')} --identifier-uris ${written}`];
  }
  if (az === 'principal') return [`az ad sp create --id ${write.use('APP_ID')}`];
  if (az === 'owner')
    return [
      write.remember('SP_ID', write.capture(`az ad sp show --id ${write.use('APP_ID')} --query id --output tsv`)),
      `az ad app owner add --id ${write.use('APP_ID')} --owner-object-id ${write.use('SP_ID')}`,
    ];
  if (az === 'consent') return [`az ad app permission admin-consent --id ${write.use('APP_ID')}`];
  const [before, content] = write.json(body ?? {}, number);
  if (az === 'federated')
    return [...before, `az ad app federated-credential create --id ${write.use('APP_ID')} --parameters ${content}`];
  const url = path.startsWith('/v1.0/applications/{objectId}')
    ? write.use('OBJECT_ID', `${graphUrl}/v1.0/applications/`, path.slice('/v1.0/applications/{objectId}'.length))
    : write.quote(graphUrl + path);
  return [
    ...before,
    `az rest --method ${method} --url ${url} --headers Content-Type=application/json --body ${content}`,
  ];
}

interface Writer {
  quote(text: string): string;
  /** The value of a variable, with fixed text around it that holds nothing from elsewhere. */
  use(variable: string, before?: string, after?: string): string;
  remember(variable: string, value: string): string;
  capture(command: string): string;
  /** Lines that come first, and the argument. */
  json(body: object, number: number): [string[], string];
}

/** In ASCII, so that no encoding on the way changes it. */
const asciiJson = (body: object): string =>
  JSON.stringify(body).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const bash: Writer = {
  quote: (text) => `'${text.replaceAll("'", `'\\''`)}'`,
  use: (variable, before = '', after = '') => `"${before}$${after === '' ? variable : `{${variable}}`}${after}"`,
  remember: (variable, value) => `${variable}=${value}`,
  capture: (command) => `"$(${command})"`,
  json: (body) => [[], bash.quote(asciiJson(body))],
};

// On Windows, az is a batch file that takes quotes and parentheses apart: what is not plain goes by a file.
const powershell: Writer = {
  // PowerShell takes typographic quotes for quotes, too.
  quote: (text) => `'${text.replace(/['\u2018-\u201b]/g, '$&$&')}'`,
  use: (variable, before = '', after = '') => `"${before}$${after === '' ? variable : `{${variable}}`}${after}"`,
  remember: (variable, value) => `$${variable} = ${value}`,
  capture: (command) => command,
  json(body, number) {
    const file = `genkan-step-${number}.json`;
    return [[`${powershell.quote(asciiJson(body))} | Set-Content -Encoding ascii ${file}`], `'@${file}'`];
  },
};

/** How to look at a registration by oneself. */
export const lookingLines = (clientId: string): string[] => [
  `az ad app show --id ${clientId}`,
  `az ad app federated-credential list --id ${clientId} --output table`,
  `az ad app credential list --id ${clientId} --output table`,
  `az ad app credential list --id ${clientId} --cert --output table`,
  `az ad app permission list-grants --id ${clientId} --show-resource-name`,
  `az ad app permission list --id ${clientId} --query "[?resourceAppId=='${graphAppId}'].resourceAccess[]"`,
];
