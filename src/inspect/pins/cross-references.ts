// A text of one server that gives orders about another's tools: "always call this before send_email".

/** Who has tools of these names. */
export interface Others {
  /** Servers that have a tool of exactly this name. */
  readonly toolsNamed: (name: string) => readonly string[];
  readonly isServer: (name: string) => boolean;
}

/** How far an order and the name that it is about may be apart. */
const reach = 90;
const maxFound = 8;

const orders: readonly RegExp[] = [
  /\b(?:before|after|instead|always|never|must|first|prior|whenever|do not|don't|rather than|replaces?|supersedes?|deprecated|required?)\b/iu,
  /前に|後に|代わり|必ず|常に|先に|使わない|使用しない|せず|非推奨/u,
  /전에|후에|대신|반드시|항상|먼저|사용하지|절대/u,
  /之前|之後|以前|代替|取代|而不是|必須|務必|總是|一律|先呼叫|不要|切勿|改用/u,
];

/** Names that no sentence has by chance: put together, or written with a capital inside. */
const compound = /[a-z0-9][_.-][a-z0-9]|[a-z][A-Z]/;
const name = /[A-Za-z0-9][A-Za-z0-9_.-]*/g;
/** Words that make the name of a server, which may be an everyday one, the name of a server. */
const serverWord = /\b(?:server|tools?|mcp)\b|サーバー|ツール|서버|도구|伺服器|工具/iu;

/**
 * Names of other servers, or of their tools, about which a text gives orders. Linear in the length of the text.
 * @param own what the server itself has: about that it may say what it likes
 */
export function orderedAbout(text: string, own: (name: string) => boolean, others: Others): readonly string[] {
  const found = new Set<string>();
  for (const match of text.matchAll(name)) {
    const word = withoutEnd(match[0]);
    const around = (): string => text.slice(Math.max(0, match.index - reach), match.index + word.length + reach);
    if (own(word)) continue;
    const isTool = compound.test(word) && others.toolsNamed(word).length > 0;
    const isServer = !isTool && others.isServer(word) && serverWord.test(around());
    if ((isTool || isServer) && orders.some((order) => order.test(around()))) found.add(word);
    if (found.size >= maxFound) break;
  }
  return [...found];
}

/** Without dots and dashes at the end. An expression would begin anew at each of them, and a word may be as long as the text. */
function withoutEnd(word: string): string {
  let end = word.length;
  while (word[end - 1] === '.' || word[end - 1] === '-') end--;
  return word.slice(0, end);
}
