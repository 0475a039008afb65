// Golden: conditional access policies in a configuration, and what `config validate` says of them. UPDATE_GOLDEN=1 writes what is said now.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { createConfigurationDesk } from '../../src/config/configuration-desk.ts';

const folder = path.join(import.meta.dirname, 'conditional-access');
const separator = '\n----------\n';

for (const file of readdirSync(folder).filter((name) => name.endsWith('.txt'))) {
  test(`says of ${path.basename(file, '.txt').replaceAll('-', ' ')} what is enforced elsewhere`, async () => {
    const [input = '', expected] = readFileSync(path.join(folder, file), 'utf8').split(separator);
    const place = mkdtempSync(path.join(os.tmpdir(), 'genkan-golden-'));
    const configuration = path.join(place, 'genkan.yaml');
    writeFileSync(path.join(place, 'seed.json'), readFileSync(path.join(folder, 'seed.json')));
    writeFileSync(configuration, input);
    const { mistakes, notes } = await createConfigurationDesk(configuration).check({ resolve: false });
    rmSync(place, { recursive: true });
    const said = [...mistakes.map(({ text }) => text.replace(`${place}/`, '')), ...notes].join('\n\n');
    if (process.env['UPDATE_GOLDEN'] === '1') {
      writeFileSync(path.join(folder, file), `${input.trimEnd()}${separator}${said}\n`);
      return;
    }
    assert.equal(said, expected?.trimEnd());
  });
}
