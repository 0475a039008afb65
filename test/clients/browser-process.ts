// Stands in for a person's browser: signs in, says yes, and delivers the answer to the client that listens for it.
import { createBrowser } from '../support/browser.ts';
import { walkSignIn } from '../support/sign-in-walk.ts';

const [person, address] = process.argv.slice(2) as [string, string];
const redirectUri = new URL(address).searchParams.get('redirect_uri')!;
const browser = createBrowser();
await browser.send(await walkSignIn(browser, address, { person, redirectUri }));
