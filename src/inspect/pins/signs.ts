// Signs of an attack on the face of a description: none proves anything alone, and a text that is suspicious anyway is held for one.

/** Each searches in linear time: nothing in it repeats without a bound. */
const signs: Readonly<Record<string, readonly RegExp[]>> = {
  'posing-markup': [
    /<\/?(?:important|system|secret|instructions?|critical|urgent|attention|hidden|admin|override|assistant|s)(?: [^<>]{0,80})?>/iu,
    /<!--/u,
  ],
  'invisible-characters': [
    /[\u{AD}\u{200B}\u{200E}\u{200F}\u{202A}-\u{202E}\u{2060}-\u{2064}\u{2066}-\u{206F}\u{FEFF}\u{E0000}-\u{E007F}]/u,
    /[a-z][\u{200C}\u{200D}]/iu, // between emoji, and in scripts that need them, they are at home
  ],
  'secret-path': [
    /(?:^|[^\w.])\.env(?![\w-])/u,
    // the public half of a key is what honest tools ask for
    /\.ssh\b(?![/\\]id_\w{1,16}\.pub)|\bid_(?:rsa|dsa|ecdsa|ed25519)\b(?!\.pub)|\bauthorized_keys\b/u,
    /\.aws[/\\]credentials|\.kube[/\\]config|\.docker[/\\]config|\.gnupg\b|\.azure[/\\]\w/u,
    /\.(?:npmrc|netrc|pypirc|git-credentials)\b|\bmcp\.json\b|\bclaude_desktop_config\.json\b|\/etc\/(?:passwd|shadow)\b/u,
  ],
  'hides-from-user': [
    /\b(?:do not|don['’]t|never|must not|should not|without)\b[^.\n]{0,30}\b(?:tell|mention|inform|notify|alert|warn|reveal|disclose|let)[^.\n]{0,40}\b(?:users?|human|person|people|customer|operator)\b/iu,
    /(?:ユーザー?|利用者|使用者)[^。\n]{0,20}(?:(?:知らせ|伝え|言わ|言及し|話さ|見せ|報告し|通知し|明かさ)(?:ない|ず|な|ては)|気づかれ|内緒|秘密に|黙って)/u,
    /(?:사용자|유저|이용자)[^.\n]{0,20}(?:(?:알리|말하|언급하|보여주|알려주|통지하|공개하|보고하)지 ?(?:마|말|않)|모르게|몰래|비밀)/u,
    /(?:不要|別|别|勿|不得|不能|不可|禁止)[^。\n]{0,12}(?:告訴|告诉|告知|通知|讓|让|知會)[^。\n]{0,6}(?:使用者|用戶|用户)/u,
    /(?:不要|別|别|勿|不得|不能|不可|禁止)[^。\n]{0,4}(?:向|對|对)(?:使用者|用戶|用户)[^。\n]{0,12}(?:提|說|说|透露|洩|泄|揭露)|(?:瞞著|瞒着|背著|背着)(?:使用者|用戶|用户)/u,
  ],
};

/** The names of the signs that a text shows. */
export const signsIn = (text: string): readonly string[] =>
  Object.entries(signs).flatMap(([name, patterns]) => (patterns.some((pattern) => pattern.test(text)) ? name : []));
