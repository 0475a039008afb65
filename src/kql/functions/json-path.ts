// JSONPath as Kusto knows it: `$.name`, `$['a name']`, `$.list[0]`.

/** Steps of a path, names and places; undefined for what is none. */
export function readPath(path: string): readonly (string | number)[] | undefined {
  if (!path.startsWith('$') || path.length > maxLength) return undefined;
  const steps: (string | number)[] = [];
  const step = /\.([A-Za-z_][A-Za-z0-9_]*)|\[(?:'([^']*)'|"([^"]*)"|(\d{1,9}))\]/y;
  for (step.lastIndex = 1; step.lastIndex < path.length;) {
    const match = step.exec(path);
    if (match === null) return undefined;
    const [, name, single, double, place] = match;
    steps.push(place === undefined ? (name ?? single ?? double)! : Number(place));
  }
  return steps;
}

const maxLength = 2048;
