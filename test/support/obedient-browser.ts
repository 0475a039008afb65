// A browser that does what it is told: follows redirects and submits the one form of a page, as a person who always agrees.
import { appendFileSync } from 'node:fs';

const [seen, address] = process.argv.slice(2) as [string, string];
appendFileSync(seen, `${address}\n`);

let next: { url: string; form?: URLSearchParams } | undefined = { url: address };
for (let step = 0; next !== undefined && step < 10; step++) {
  const { url, form }: { url: string; form?: URLSearchParams } = next;
  const response = await fetch(url, { redirect: 'manual', ...(form && { method: 'POST', body: form }) });
  const text = await response.text();
  const location = response.headers.get('location');
  const action = /<form method="POST" name="hiddenform" action="([^"]+)"/.exec(text)?.[1];
  const plain = (html: string): string =>
    html.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
  if (location !== null) next = { url: new URL(location, url).href };
  else if (action === undefined) next = undefined;
  else {
    const fields = [...text.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)];
    next = {
      url: plain(action),
      form: new URLSearchParams(fields.map(([, name, value]): [string, string] => [plain(name!), plain(value!)])),
    };
  }
}
