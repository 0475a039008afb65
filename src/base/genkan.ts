// Genkan as an MCP implementation, towards clients and servers: the one place that says its name and version.
import { readFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

export const genkan = { name: 'genkan', title: 'Genkan', version };
