// XML from outside: nothing in it makes a value larger than it reads, deeper than a value may be, or takes long.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseXml } from './xml.ts';

const xmlOf = (tree: Tree): string =>
  typeof tree === 'string'
    ? tree.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`)
    : `<${tree.name}${tree.at === undefined ? '' : ` at="${tree.at}"`}>${tree.inner.map(xmlOf).join('')}</${tree.name}>`;
type Tree = string | { readonly name: string; readonly at?: string | undefined; readonly inner: readonly Tree[] };

const { element } = fc.letrec<{ element: Exclude<Tree, string>; any: Tree }>((tie) => ({
  any: fc.oneof(fc.stringMatching(/^[a-z<>& ]{0,6}$/), tie('element')),
  element: fc.record({
    name: fc.constantFrom('a', 'b', 'ns:c', '__proto__'),
    at: fc.option(fc.stringMatching(/^[a-z ]{0,4}$/), { nil: undefined }),
    inner: fc.array(tie('any'), { maxLength: 4 }),
  }),
}));

test('whatever is well-formed is read, and whatever is cut off is not', () => {
  fc.assert(
    fc.property(element, fc.nat(), (tree, cut) => {
      const text = xmlOf(tree);
      const value = parseXml(text) as Record<string, unknown>;
      assert.deepEqual(Object.keys(value), [tree.name]);
      assert.equal(parseXml(text.slice(0, cut % text.length)), null);
    }),
    { numRuns: 300 },
  );
});

test('characters are named by number as XML writes numbers, and in no other way', () => {
  assert.equal(JSON.stringify(parseXml('<a>&#65;&#x42;</a>')), '{"a":"AB"}');
  for (const number of ['1e2', '0x41', 'x', '-1', '65.0', 'x110000', '0'])
    assert.equal(parseXml(`<a>&#${number};</a>`), null, number);
});

test('no text makes it throw', () => {
  const piece = fc.constantFrom(
    '<',
    '>',
    '/',
    '<a',
    '</a>',
    '=',
    '"',
    "'",
    '&',
    ';',
    '#x',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<?',
    '?>',
    '<!DOCTYPE',
    ' ',
    'a',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => void parseXml(pieces.join(''))),
    { numRuns: 2000 },
  );
});

test('as long as XML may be, it is read in a moment', () => {
  const most = 1_048_576;
  const repeated = (part: string): string => part.repeat(Math.floor((most - 7) / part.length));
  const worst = {
    elements: `<a>${repeated('<b/>')}</a>`,
    texts: `<a>${repeated('x<b/>')}</a>`,
    references: `<a>${repeated('&lt;')}</a>`,
    sections: `<a>${repeated('<![CDATA[]]>')}</a>`,
    attributes: `<a ${Array.from({ length: 80_000 }, (_, at) => `a${at}=""`).join(' ')}/>`,
    spaces: `<a>${repeated(' ')}</a>`,
    unfinished: repeated('<!--'),
    quotes: `<a ${repeated('b="')}`,
    depth: repeated('<a>'),
  };
  for (const [name, text] of Object.entries(worst)) {
    assert.ok(text.length <= most);
    const startedMs = performance.now();
    parseXml(text);
    const tookMs = performance.now() - startedMs;
    assert.ok(tookMs < 2000, `${name}: ${Math.round(tookMs)} ms`);
  }
  assert.equal(parseXml(`<a>${'x'.repeat(most)}</a>`), null, 'longer than Kusto takes');
  assert.equal(parseXml(`<a>${'玄'.repeat(most / 2)}</a>`), null, 'in bytes');
  const nested = (depth: number): string => '<a>'.repeat(depth) + '</a>'.repeat(depth);
  assert.notEqual(parseXml(nested(99)), null);
  assert.equal(parseXml(nested(100)), null);
});
