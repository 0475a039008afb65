// Azure's one wildcard: `*` stands for any characters, none and slashes included.

/**
 * Compiles a pattern. Both sides are compared as they are: callers fold case first.
 * Takes linear time for each `*`, unlike a regular expression with several `.*`, since callers choose the text.
 */
export function compileWildcard(pattern: string): (text: string) => boolean {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return (text) => text === head;
  const middle = rest.filter((part) => part !== '');
  return (text) => {
    if (text.length < head.length + tail.length || !text.startsWith(head) || !text.endsWith(tail)) return false;
    const end = text.length - tail.length;
    let from = head.length;
    for (const part of middle) {
      const at = text.indexOf(part, from);
      if (at < 0 || at + part.length > end) return false;
      from = at + part.length;
    }
    return true;
  };
}

/** Whether some text matches both patterns. Exact: between two stars any text fits, so only the ends can disagree. */
export function wildcardsMeet(left: string, right: string): boolean {
  if (!left.includes('*')) return compileWildcard(right)(left);
  if (!right.includes('*')) return compileWildcard(left)(right);
  const [leftHead, rightHead] = [left.slice(0, left.indexOf('*')), right.slice(0, right.indexOf('*'))];
  const [leftTail, rightTail] = [left.slice(left.lastIndexOf('*') + 1), right.slice(right.lastIndexOf('*') + 1)];
  return (
    (leftHead.startsWith(rightHead) || rightHead.startsWith(leftHead)) &&
    (leftTail.endsWith(rightTail) || rightTail.endsWith(leftTail))
  );
}

/** Lower case for A–Z alone: `toLowerCase` would make the Kelvin sign a `k`, which Azure keeps apart. */
export function foldCase(text: string): string {
  return /^[\0-\x7f]*$/.test(text) ? text.toLowerCase() : text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
