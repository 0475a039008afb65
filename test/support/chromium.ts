// Chromium of the machine, without a window.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { unless } from './skipping.ts';

const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((file) => existsSync(file));

/** What `skip` of a test takes that needs it. */
export const withoutChromium = unless(executablePath !== undefined, 'no Chromium on this machine');

/** Its own sandbox does not work for root; the only pages here are of this machine. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
