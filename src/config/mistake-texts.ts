// What people read about each kind of mistake in genkan.yaml, in four languages: what is wrong, and what to do.
import type { Text } from '../base/text.ts';

interface MistakeTexts {
  readonly message: Text;
  readonly hint?: Text;
}

export const mistakeTexts = {
  syntax: {
    message: {
      en: 'this is not YAML: {reason}',
      ja: 'YAML として読めません: {reason}',
      ko: 'YAML로 읽을 수 없습니다: {reason}',
      'zh-Hant': '無法以 YAML 讀取:{reason}',
    },
  },
  tab: {
    message: {
      en: 'a tab indents this line',
      ja: 'この行がタブで字下げされています',
      ko: '이 줄이 탭으로 들여쓰기되어 있습니다',
      'zh-Hant': '此行以定位字元(tab)縮排',
    },
    hint: {
      en: 'YAML indents with spaces only',
      ja: 'YAML の字下げには空白だけを使ってください',
      ko: 'YAML에서는 공백으로만 들여쓰세요',
      'zh-Hant': 'YAML 只能以空格縮排',
    },
  },
  alias: {
    message: {
      en: 'aliases such as *name are not read here',
      ja: '*name のようなエイリアスは使えません',
      ko: '*name 같은 별칭은 사용할 수 없습니다',
      'zh-Hant': '此處不支援 *name 之類的別名(alias)',
    },
    hint: {
      en: 'write the value out',
      ja: '値をそのまま書いてください',
      ko: '값을 그대로 적으세요',
      'zh-Hant': '請直接寫出該值',
    },
  },
  duplicateKey: {
    message: {
      en: 'key "{key}" stands here a second time',
      ja: 'キー「{key}」が重複しています',
      ko: '키 "{key}"이(가) 중복되었습니다',
      'zh-Hant': '索引鍵「{key}」重複出現',
    },
    hint: {
      en: 'keep one of the two',
      ja: 'どちらか一方だけを残してください',
      ko: '둘 중 하나만 남기세요',
      'zh-Hant': '請只保留其中一個',
    },
  },
  unknownKey: {
    message: {
      en: 'unknown key "{key}"',
      ja: '不明なキー「{key}」',
      ko: '알 수 없는 키 "{key}"',
      'zh-Hant': '未知的索引鍵「{key}」',
    },
    hint: {
      en: 'known here: {known}',
      ja: 'ここで使えるキー: {known}',
      ko: '여기서 쓸 수 있는 키: {known}',
      'zh-Hant': '此處可用的索引鍵:{known}',
    },
  },
  keyInvalid: {
    message: {
      en: '"{key}" will not do as a name here: {reason}',
      ja: '「{key}」はここでは名前に使えません: {reason}',
      ko: '"{key}"은(는) 여기서 이름으로 쓸 수 없습니다: {reason}',
      'zh-Hant': '「{key}」在此不能作為名稱:{reason}',
    },
  },
  missing: {
    message: {
      en: '"{key}" is missing',
      ja: '「{key}」がありません',
      ko: '"{key}"이(가) 없습니다',
      'zh-Hant': '缺少「{key}」',
    },
  },
  wrongType: {
    message: {
      en: '"{key}" must be {expected}, not {received}',
      ja: '「{key}」には {received} ではなく {expected} を指定してください',
      ko: '"{key}"에는 {received}이(가) 아니라 {expected}을(를) 지정해야 합니다',
      'zh-Hant': '「{key}」必須是{expected},而不是{received}',
    },
  },
  notOneOf: {
    message: {
      en: '"{key}" must be one of: {allowed}',
      ja: '「{key}」には次のいずれかを指定してください: {allowed}',
      ko: '"{key}"은(는) 다음 중 하나여야 합니다: {allowed}',
      'zh-Hant': '「{key}」必須是下列其中之一:{allowed}',
    },
  },
  invalid: {
    message: {
      en: '"{key}" will not do: {reason}',
      ja: '「{key}」の値が正しくありません: {reason}',
      ko: '"{key}"의 값이 올바르지 않습니다: {reason}',
      'zh-Hant': '「{key}」的值無效:{reason}',
    },
  },
  secretLiteral: {
    message: {
      en: '"{key}" must say where the secret is to be found, not be the secret',
      ja: '「{key}」には秘密そのものではなく、その保管場所を書いてください',
      ko: '"{key}"에는 비밀 값 자체가 아니라 보관 위치를 적어야 합니다',
      'zh-Hant': '「{key}」必須指出密鑰的存放位置,而不是密鑰本身',
    },
    hint: {
      en: 'write { source: file, path: … } or { source: env, name: … }, and change the secret: it has stood in a file',
      ja: '{ source: file, path: … } または { source: env, name: … } と書き、ファイルに書かれてしまった秘密は変更してください',
      ko: '{ source: file, path: … } 또는 { source: env, name: … }(으)로 쓰고, 파일에 노출된 비밀 값은 바꾸세요',
      'zh-Hant': '請寫成 { source: file, path: … } 或 { source: env, name: … },並更換已寫入檔案的密鑰',
    },
  },
  vaultForeign: {
    message: {
      en: '"{key}" points to Key Vault "{vault}", which is not among keyVault.vaults',
      ja: '「{key}」が参照する Key Vault「{vault}」は keyVault.vaults にありません',
      ko: '"{key}"이(가) 가리키는 Key Vault "{vault}"은(는) keyVault.vaults에 없습니다',
      'zh-Hant': '「{key}」指向的 Key Vault「{vault}」不在 keyVault.vaults 之中',
    },
    hint: {
      en: 'add the vault there if Genkan may read it',
      ja: 'Genkan が読み取ってよいなら、そこに追加してください',
      ko: 'Genkan이 읽어도 된다면 거기에 추가하세요',
      'zh-Hant': '若允許 Genkan 讀取,請將它加入該處',
    },
  },
  referencesFile: {
    message: {
      en: 'the file of secret references will not do: {reason}',
      ja: 'シークレット参照のファイルが使えません: {reason}',
      ko: '비밀 참조 파일을 사용할 수 없습니다: {reason}',
      'zh-Hant': '密鑰參照檔案無法使用:{reason}',
    },
    hint: {
      en: 'it maps names to references, such as {"database":{"password":{"source":"keyvault","vaultName":"…","secretName":"…"}}}',
      ja: '名前と参照を対応させたファイルです。例: {"database":{"password":{"source":"keyvault","vaultName":"…","secretName":"…"}}}',
      ko: '이름과 참조를 짝지은 파일입니다. 예: {"database":{"password":{"source":"keyvault","vaultName":"…","secretName":"…"}}}',
      'zh-Hant':
        '此檔案將名稱對應到參照,例如 {"database":{"password":{"source":"keyvault","vaultName":"…","secretName":"…"}}}',
    },
  },
  namedUnknown: {
    message: {
      en: 'there is no reference named "{name}" in the file of keyVault.references',
      ja: 'keyVault.references のファイルに「{name}」という参照はありません',
      ko: 'keyVault.references 파일에 "{name}"이라는 참조가 없습니다',
      'zh-Hant': 'keyVault.references 的檔案中沒有名為「{name}」的參照',
    },
    hint: {
      en: 'known: {known}',
      ja: 'あるもの: {known}',
      ko: '있는 것: {known}',
      'zh-Hant': '已有:{known}',
    },
  },
  secretUnavailable: {
    message: {
      en: 'the secret cannot be had from {reference}: {reason}',
      ja: '{reference} からシークレットを取得できません: {reason}',
      ko: '{reference}에서 비밀 값을 가져올 수 없습니다: {reason}',
      'zh-Hant': '無法從 {reference} 取得密鑰:{reason}',
    },
  },
  unresolved: {
    message: {
      en: '{{name}} has no value: "variables" does not define "{name}"',
      ja: '{{name}} に値がありません。「variables」に「{name}」が定義されていません',
      ko: '{{name}}에 값이 없습니다. "variables"에 "{name}"이(가) 정의되어 있지 않습니다',
      'zh-Hant': '{{name}} 沒有值:「variables」未定義「{name}」',
    },
  },
} as const satisfies Record<string, MistakeTexts>;

export type MistakeKind = keyof typeof mistakeTexts;

export const didYouMean: Text = {
  en: 'did you mean "{suggestion}"?',
  ja: '「{suggestion}」のことですか?',
  ko: '"{suggestion}"을(를) 찾으셨나요?',
  'zh-Hant': '您是指「{suggestion}」嗎?',
};

/** Types as YAML's reader would call them. */
export const typeNames: Readonly<Record<string, Text>> = {
  string: { en: 'text', ja: '文字列', ko: '문자열', 'zh-Hant': '文字' },
  number: { en: 'a number', ja: '数値', ko: '숫자', 'zh-Hant': '數字' },
  int: { en: 'a whole number', ja: '整数', ko: '정수', 'zh-Hant': '整數' },
  boolean: { en: 'true or false', ja: 'true か false', ko: 'true 또는 false', 'zh-Hant': 'true 或 false' },
  array: { en: 'a list', ja: 'リスト', ko: '목록', 'zh-Hant': '清單' },
  object: { en: 'a mapping', ja: 'マッピング', ko: '매핑', 'zh-Hant': '對應(mapping)' },
  null: { en: 'empty', ja: '空', ko: '빈 값', 'zh-Hant': '空值' },
};
