// A person's machine at which Entra ID, played by its stand-in, signs people in: configuration, browser, and who they are.
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startEntra } from './entra.ts';
import type { Entra, Registration, User } from './entra.ts';
import { startLocalGenkan } from './stdio-genkan.ts';
import type { LocalGenkan } from './stdio-genkan.ts';
import { inShell, quickNode } from './quick-node.ts';

export interface SignInMachine extends AsyncDisposable {
  readonly local: LocalGenkan;
  readonly entra: Entra;
  readonly app: Registration;
  readonly dana: User;
  readonly config: string;
  /** Addresses that the browser was opened with. */
  readonly opened: () => string[];
}

export async function startSignInMachine({ browser = true, extra = '' } = {}): Promise<SignInMachine> {
  const entra = await startEntra();
  const app = entra.addApp({ public: true, redirectUris: ['http://localhost'], permissions: {} });
  const makers = entra.addGroup('makers');
  const dana = entra.addUser({ upn: 'dana@example.com', name: 'Dana', groups: [makers] });
  entra.signsIn = dana.oid;
  const local = startLocalGenkan({ NODE_EXTRA_CA_CERTS: entra.caFile });
  const config = path.join(local.root, 'genkan.yaml');
  writeFileSync(
    config,
    `identity:
  provider:
    tenant: ${entra.tenant}
    clientId: ${app.clientId}
    authorityHost: ${entra.authorityHost}
    graphUrl: ${entra.origin}
access:
  assignments:
    - { principal: { group: ${makers} }, role: MCP User, scope: / }
log: { level: warn }
${extra}`,
  );
  const seen = path.join(local.root, 'browser.log');
  const program = path.join(local.root, 'browser');
  const script = path.join(import.meta.dirname, 'obedient-browser.ts');
  writeFileSync(program, `#!/bin/sh\nexec ${inShell(...quickNode, script, seen)} "$@"\n`);
  chmodSync(program, 0o700);
  const base = { BROWSER: program };
  const withBrowser: LocalGenkan = {
    ...local,
    legacy: (args, options, env = {}) => local.legacy(args, options, { ...(browser && base), ...env }),
    modern: (args, options, env = {}) => local.modern(args, options, { ...(browser && base), ...env }),
    command: (args, env = {}, input) => local.command(args, { ...(browser && base), ...env }, input),
  };
  return {
    local: withBrowser,
    entra,
    app,
    dana,
    config,
    opened: () => (existsSync(seen) ? readFileSync(seen, 'utf8').trim().split('\n') : []),
    async [Symbol.asyncDispose]() {
      await local[Symbol.asyncDispose]();
      await entra[Symbol.asyncDispose]();
    },
  };
}
