// Which hosts are vaults, and who gives tokens for them in each cloud.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authorityOf, isVaultUrl } from './key-vault-settings.ts';

test('a vault of a national cloud is read with tokens of that cloud', () => {
  const clouds = {
    'https://contoso.vault.azure.net/': undefined,
    'https://contoso.vault.usgovcloudapi.net/': 'https://login.microsoftonline.us',
    'https://contoso.vault.azure.cn/': 'https://login.chinacloudapi.cn',
  };
  for (const [url, authority] of Object.entries(clouds)) {
    assert.ok(isVaultUrl(url), url);
    assert.equal(authorityOf(url), authority, url);
  }
});
