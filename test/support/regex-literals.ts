// Finds the regular expression literals of a TypeScript source, and the places where one is made of a string.

export interface Literal {
  readonly source: string;
  readonly flags: string;
  readonly line: number;
}

/** After these a slash begins a literal; after a name, a number or a closing bracket it divides. */
const before =
  /(?:^|(?<![\w)\]])!|[=(,:;&|?{}[+\-*%<>~^]|=>|\b(?:return|typeof|case|of|in|do|else|void|await|yield|delete|instanceof|satisfies|as const))\s*$/;

export function literalsIn(written: string): Literal[] {
  const code = written.replace(/^#!.*/, '');
  const found: Literal[] = [];
  /** Where the code of template literals ends, as depths of braces. */
  const templates: number[] = [];
  let depth = 0;
  let significant = '';
  for (let at = 0; at < code.length;) {
    const rest = code.slice(at, at + 2);
    const sign = code[at]!;
    if (rest === '//') {
      at = code.indexOf('\n', at);
      if (at < 0) break;
    } else if (rest === '/*') at = code.indexOf('*/', at) + 2;
    else if (sign === "'" || sign === '"') {
      at = endOf(code, at + 1, sign);
      significant += '""';
    } else if (sign === '`' || (sign === '}' && templates.at(-1) === depth)) {
      if (sign === '}') templates.pop();
      for (at++; at < code.length && code[at] !== '`' && code.slice(at, at + 2) !== '${'; at++)
        if (code[at] === '\\') at++;
      if (code[at] === '`') {
        at++;
        significant += '""';
      } else {
        templates.push(depth);
        at += 2;
        significant += '(';
      }
    } else if (sign === '/' && before.test(significant.slice(-40))) {
      let end = at + 1;
      for (let inClass = false; code[end] !== '/' || inClass; end++) {
        if (code[end] === '\n') throw new Error(`no literal: ${code.slice(at, at + 60)}`);
        if (code[end] === '\\') end++;
        else if (code[end] === '[') inClass = true;
        else if (code[end] === ']') inClass = false;
      }
      const flags = /^[a-z]*/.exec(code.slice(end + 1, end + 10))![0];
      found.push({ source: code.slice(at + 1, end), flags, line: code.slice(0, at).split('\n').length });
      at = end + 1 + flags.length;
      significant += '"")';
    } else {
      if (sign === '{') depth++;
      if (sign === '}') depth--;
      significant = (significant + sign).slice(-80);
      at++;
    }
  }
  return found;
}

function endOf(code: string, from: number, quote: string): number {
  let at = from;
  for (; code[at] !== quote && at < code.length; at++) if (code[at] === '\\') at++;
  return at + 1;
}
