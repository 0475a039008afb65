// Golden files of KQL: groups under `# name`, of which each holds a case a line.
import { readdirSync } from 'node:fs';
import path from 'node:path';

const golden = path.join(import.meta.dirname, '..', 'golden');

export function goldenFiles(folder: string): readonly { readonly name: string; readonly path: string }[] {
  return readdirSync(path.join(golden, folder))
    .filter((file) => file.endsWith('.txt'))
    .sort()
    .map((file) => ({ name: path.basename(file, '.txt').replaceAll('-', ' '), path: path.join(golden, folder, file) }));
}

export function groupsIn(text: string): readonly { readonly name: string; readonly lines: readonly string[] }[] {
  return text
    .split(/^# /m)
    .slice(1)
    .map((group) => {
      const [name = '', ...lines] = group.split('\n');
      return { name, lines: lines.filter((line) => line.includes(' => ')) };
    });
}
