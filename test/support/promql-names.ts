// Which metrics a PromQL expression asks for, and by which labels: enough of its grammar for the expressions that we ship.

export interface Asked {
  readonly metric: string;
  readonly labels: readonly string[];
}

const keywords = new Set([
  'and',
  'or',
  'unless',
  'bool',
  'offset',
  'by',
  'without',
  'on',
  'ignoring',
  'group_left',
  'group_right',
]);
const identifier = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;

/** @throws Error at what it does not know, so that nothing is passed over in silence */
export function askedIn(expression: string): readonly Asked[] {
  const asked: { metric: string; labels: string[] }[] = [];
  const grouped: string[] = [];
  let at = 0;
  const until = (close: string): string => {
    const end = expression.indexOf(close, at);
    if (end < 0) throw new Error(`no ${close} after ${expression.slice(at)}`);
    const inside = expression.slice(at + 1, end);
    at = end + 1;
    return inside;
  };
  while (at < expression.length) {
    const sign = expression[at]!;
    identifier.lastIndex = at;
    const word = identifier.exec(expression)?.[0];
    if (word !== undefined) {
      at += word.length;
      while (expression[at] === ' ') at += 1;
      if (['by', 'without', 'on', 'ignoring'].includes(word)) grouped.push(...listed(until(')')));
      else if (/^(?:\(|(?:by|without) )/.test(expression.slice(at)) || keywords.has(word)) continue;
      else asked.push({ metric: word, labels: expression[at] === '{' ? matched(until('}')) : [] });
    } else if (sign === '[') until(']');
    else if (/[0-9]/.test(sign)) at += /^[0-9.]+[a-z]*/.exec(expression.slice(at))![0].length;
    else if (/[\s()+\-*/<>=!,]/.test(sign)) at += 1;
    else throw new Error(`what is ${expression.slice(at, at + 20)} in ${expression}`);
  }
  return asked.map(({ metric, labels }) => ({ metric, labels: [...labels, ...grouped] }));
}

const listed = (inside: string): string[] => inside.split(',').map((name) => name.trim());

function matched(inside: string): string[] {
  const names = [...inside.matchAll(/\s*([a-z_]+)\s*(?:=~|!~|!=|=)\s*"[^"]*"\s*(,|$)/gy)];
  if (names.map(([whole]) => whole).join('') !== inside) throw new Error(`matchers ${inside}`);
  return names.map(([, name]) => name!);
}
