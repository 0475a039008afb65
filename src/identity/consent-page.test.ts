// Tests of the pages: every language says everything, markup is escaped, and the policy allows exactly the style that is sent.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { languages } from '../base/text.ts';
import { consentPage } from './consent-page.ts';
import type { ConsentView } from './consent-page.ts';
import { html } from './html.ts';
import { styleElement, styleSource } from './page-style.ts';
import { pageTexts } from './page-texts.ts';

const view: ConsentView = {
  action: '/signin/u',
  formToken: 'form-token',
  otherAccount: '/oauth/authorize?a=1&b=2',
  clientId: 'random-id',
  clientName: 'Editor',
  publisher: undefined,
  redirectUri: 'https://client.example/callback',
  resource: 'https://mcp.example.com/mcp/azure',
  scopes: ['mcp'],
  person: { name: 'dana@example.com', displayName: 'Dana Sato' },
  connectedDays: 90,
};
const markup = (changes: Partial<ConsentView> = {}, language: (typeof languages)[number] = 'en'): string =>
  consentPage({ ...view, ...changes }, language).body.markup;

test('the person reads who asks, for what, as whom, for how long, and where it goes', () => {
  for (const language of languages) {
    const page = markup({}, language);
    for (const part of [
      'Editor',
      'Dana Sato',
      'dana@example.com',
      'azure',
      view.resource,
      'client.example',
      '90',
      'form-token',
    ])
      assert.ok(page.includes(part), `${language}: ${part}`);
    assert.ok(!/\{[a-zA-Z]+\}/.test(page), `${language}: a placeholder was left`);
  }
});

test('a client that only says who it is, a program on the device and a document at a URL are told apart', () => {
  const en = (key: keyof typeof pageTexts) => pageTexts[key].en;
  assert.ok(markup().includes(en('nameNotVerified')));
  assert.ok(!markup().includes(en('localProgram')));
  assert.ok(markup({ redirectUri: 'http://127.0.0.1:1234/callback' }).includes(en('localProgram')));
  assert.ok(markup({ redirectUri: 'cursor://app/callback' }).includes(en('localProgram')));
  const publisher = { host: 'client.example', trusted: false };
  assert.ok(markup({ publisher }).includes('Described by client.example'));
  assert.ok(markup({ clientName: undefined }).includes(en('unnamedClient')));
  assert.ok(markup({ scopes: ['admin'] }).includes(en('scopeAdmin')));
  assert.ok(!markup({ connectedDays: undefined }).includes('Stay connected'));
});

test('whose document describes a client is said, with a warning where nobody here trusts them or where it returns to a program', () => {
  const [host, redirectUri] = ['client.example', 'http://127.0.0.1/callback'];
  const unknown = markup({ publisher: { host, trusted: false } });
  const known = markup({ publisher: { host, trusted: true } });
  assert.match(unknown, /Nobody here has checked/);
  assert.doesNotMatch(known, /Nobody here has checked/);
  assert.match(known, /your administrator trusts/);
  assert.doesNotMatch(known, /pose as this application/);
  assert.match(markup({ publisher: { host, trusted: true }, redirectUri }), /pose as this application/);
  assert.doesNotMatch(markup({ redirectUri }), /pose as this application/, 'it claims no host that could be posed as');
});

test('the form may lead to the redirect URI and nowhere else', () => {
  const targets = (redirectUri: string) => consentPage({ ...view, redirectUri }, 'en').formTargets;
  assert.deepEqual(targets('https://client.example/callback?x'), ['https://client.example']);
  assert.deepEqual(targets('http://127.0.0.1:1234/callback'), ['http://127.0.0.1:1234']);
  assert.deepEqual(targets('http://[::1]:1234/callback'), ['http:'], 'the policy has no syntax for IPv6');
  assert.deepEqual(targets('cursor://app/callback'), ['cursor:']);
});

test('values are escaped, also within attributes; lists and nothing are understood', () => {
  assert.equal(
    html`<p title="${'"><script>'}">${"a&b'"}</p>`.markup,
    '<p title="&#34;&#62;&#60;script&#62;">a&#38;b&#39;</p>',
  );
  assert.equal(html`${undefined}${false}${[html`<b>x</b>`, '<y>']}${1}`.markup, '<b>x</b>&#60;y&#62;1');
  assert.ok(markup({ clientName: '<img src=x>' }).includes('&#60;img src=x&#62;'));
});

test('the policy allows the style to the byte', () => {
  const sheet = /^<style>([^]*)<\/style>$/.exec(styleElement.markup)![1]!;
  assert.equal(styleSource, `'sha256-${hash('sha256', sheet, 'base64')}'`);
});
