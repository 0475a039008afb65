// A browser, as a program that is started with an address: cookies, redirects, and a person who agrees to what a client asks for.
import { appendFileSync } from 'node:fs';
import { createBrowser } from './browser.ts';

const [seen, address] = process.argv.slice(2) as [string, string];
appendFileSync(seen, `${address}\n`);
const browser = createBrowser();
const arrival = await browser.follow(address, () => false);
if (/<form method="post"/.test(arrival.page ?? ''))
  await browser.submit(arrival.url, arrival.page!, { decision: 'approve' }, () => false);
