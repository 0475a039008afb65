// Takes the variables of a URI template out of a URI, where that can be done in one way only.
const variable = /\{([+#/?&.;]?)([A-Za-z0-9_]+)(?::[0-9]+|\*)?\}/g;

/**
 * @returns the variables with the whole as `uri`; `unclear` when the URI begins like the template and yet is none of it, or could
 *   be taken apart in several ways; undefined when it is something else
 */
export function variablesOf(
  template: string,
): (uri: string) => Readonly<Record<string, string>> | 'unclear' | undefined {
  const names: { readonly name: string; readonly wide: boolean }[] = [];
  const literals: string[] = [];
  let from = 0;
  for (const { 0: written, 1: operator, 2: name, index } of template.matchAll(variable)) {
    literals.push(template.slice(from, index));
    names.push({ name: name!, wide: operator !== '' });
    from = index + written.length;
  }
  literals.push(template.slice(from));
  const unusual = literals.some((literal) => /[{}]/.test(literal)) || names.filter(({ wide }) => wide).length > 1;
  const [beginning = ''] = literals;
  const plainBeginning = plain(beginning);

  return (uri) => {
    if (!plain(uri).startsWith(plainBeginning)) return undefined;
    if (unusual || !uri.startsWith(beginning)) return 'unclear';
    const values: Record<string, string> = { uri };
    let at = beginning.length;
    for (const [index, { name, wide }] of names.entries()) {
      const literal = literals[index + 1]!;
      const isLast = index === names.length - 1;
      const end = isLast ? uri.length - literal.length : literal === '' ? -1 : uri.indexOf(literal, at);
      if (end < at || !uri.startsWith(literal, end)) return 'unclear';
      const value = uri.slice(at, end);
      if (!wide && /[/?#]/.test(value)) return 'unclear';
      if (wide && !isLast && uri.indexOf(literal, end + 1) >= 0) return 'unclear';
      const decoded = decode(value);
      if (decoded === undefined) return 'unclear';
      values[name] = decoded;
      at = end + literal.length;
    }
    return at === uri.length ? values : 'unclear';
  };
}

/** As a lax server would compare it. */
const plain = (uri: string): string => (decode(uri) ?? uri).toLowerCase();

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/**
 * A template, or a name like one, with what is given for its variables in their places (RFC 6570); the others stay as they are.
 * @returns undefined when it becomes too long: one value may be wanted in many places
 */
export function filled(template: string, given: Readonly<Record<string, unknown>>): string | undefined {
  let left = 65_536;
  const uri = template.replace(variable, (written, operator: string, name: string) => {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (typeof value !== 'string' || (left -= value.length) < 0) return written;
    return operator === '' ? encodeURIComponent(value.toWellFormed()) : encodeURI(value.toWellFormed());
  });
  return left < 0 ? undefined : uri;
}

/** Whether it is a variable that nothing was given for. */
export const isOpen = (value: string): boolean => value.startsWith('{') && value.replace(variable, '') === '';
