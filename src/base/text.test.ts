// Choosing a person's language, and filling in texts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { languageOf, t } from './text.ts';

test('the best language that we have is chosen by weight', () => {
  assert.equal(languageOf('fr;q=0.9, ja;q=0.5, ko;q=0.8'), 'ko');
  assert.equal(languageOf('zh-TW,zh;q=0.9,en;q=0.8'), 'zh-Hant');
  assert.equal(languageOf('ja_JP.UTF-8'), 'ja');
  assert.equal(languageOf('*'), 'en');
  assert.equal(languageOf(undefined), 'en');
});

test('simplified Chinese is not taken for traditional', () => {
  assert.equal(languageOf('zh-CN, en;q=0.5'), 'en');
});

test('placeholders are filled in, and what they are filled with is not read again', () => {
  const text = { en: '{a} and {b}', ja: '{a}', ko: '{a}', 'zh-Hant': '{a}' };
  assert.equal(t(text, 'en', { a: '{b}', b: 2 }), '{b} and 2');
  assert.equal(t(text, 'en', { a: 1 }), '1 and {b}');
});
