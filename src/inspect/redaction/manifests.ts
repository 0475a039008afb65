// Secrets of Kubernetes: what stands under `data` and `stringData` of a manifest is secret whatever it looks like.
import type { Report } from './rules.ts';

const ofKind = /(?:^|[\s,{])["']?kind["']?\s{0,8}:\s{0,8}["']?Secret\b/;
const block = /(?:^|[\s,{])["']?(?:data|stringData)["']?\s{0,8}:[^\S\n]{0,8}(\{|\n|\r\n)/g;
const yamlMember = /^([ \t]+)["']?[\w.-]{1,253}["']?:[ \t]{1,8}(["']?)([^\s"'][^\n"']*)/;
const jsonMember = /["'][\w.-]{1,253}["']\s{0,8}:\s{0,8}"([^"]{1,65536})"/g;
const maxBlock = 256 * 1024;

/** Costs one search for a word where a text is none. */
export function findManifestSecrets(text: string, report: Report): void {
  if (!text.includes('Secret') || !ofKind.test(text)) return;
  block.lastIndex = 0;
  for (let match = block.exec(text); match !== null; match = block.exec(text)) {
    const from = match.index + match[0].length;
    const to = match[1] === '{' ? inJson(text, from, report) : inYaml(text, from, report);
    block.lastIndex = Math.max(from, to);
  }
}

function inJson(text: string, from: number, report: Report): number {
  const close = text.slice(from, from + maxBlock).indexOf('}');
  const to = close < 0 ? Math.min(text.length, from + maxBlock) : from + close;
  const members = text.slice(from, to);
  for (const match of members.matchAll(jsonMember)) {
    const end = from + match.index + match[0].length - 1;
    report(end - match[1]!.length, end, 'kubernetes-secret', '****');
  }
  return to;
}

function inYaml(text: string, from: number, report: Report): number {
  let at = from;
  while (at < text.length && at < from + maxBlock) {
    const end = text.indexOf('\n', at) < 0 ? text.length : text.indexOf('\n', at);
    const match = yamlMember.exec(text.slice(at, Math.min(end, at + 65_536)));
    if (match === null) break;
    const value = at + match[0].length - match[3]!.length;
    report(value, value + match[3]!.trimEnd().length, 'kubernetes-secret', '****');
    at = end + 1;
  }
  return at;
}
