// What people read about errors of connecting MCP clients and of taking over their servers.
import type { Text } from '../text.ts';

export const connectTexts = {
  connect_client_missing: {
    message: {
      en: 'None of these clients has settings here: {clients}.',
      ja: '次のクライアントの設定がここにはありません: {clients}。',
      ko: '다음 클라이언트의 설정이 여기에 없습니다: {clients}.',
      'zh-Hant': '這裡沒有下列用戶端的設定：{clients}。',
    },
    hint: {
      en: 'Start the client once, or name it with --client; --scope workspace writes into this folder.',
      ja: 'クライアントを一度起動するか、--client で指定してください。--scope workspace ではこのフォルダーに書き込みます。',
      ko: '클라이언트를 한 번 실행하거나 --client로 지정하세요. --scope workspace는 이 폴더에 씁니다.',
      'zh-Hant': '請先啟動一次用戶端，或以 --client 指定；--scope workspace 會寫入此資料夾。',
    },
  },
  connect_file_invalid: {
    message: {
      en: '{file} is not valid at line {line}, column {column}: {reason}.',
      ja: '{file} の {line} 行 {column} 列目が正しくありません: {reason}。',
      ko: '{file}의 {line}행 {column}열이 올바르지 않습니다: {reason}.',
      'zh-Hant': '{file} 第 {line} 行第 {column} 欄無效：{reason}。',
    },
    hint: {
      en: 'Nothing was written. Correct the file, then try again.',
      ja: '何も書き込んでいません。ファイルを修正してから、もう一度お試しください。',
      ko: '아무것도 쓰지 않았습니다. 파일을 수정한 뒤 다시 시도하세요.',
      'zh-Hant': '未寫入任何內容。請更正檔案後再試一次。',
    },
  },
  connect_file_linked: {
    message: {
      en: '{file} is a link, or was exchanged for another file.',
      ja: '{file} はリンクであるか、別のファイルにすり替えられました。',
      ko: '{file}은(는) 링크이거나 다른 파일로 바뀌었습니다.',
      'zh-Hant': '{file} 是連結，或已被換成其他檔案。',
    },
    hint: {
      en: 'Genkan follows no links to settings, since they may lead elsewhere. Change the file that is meant by hand.',
      ja: '別の場所に導かれるおそれがあるため、Genkan は設定へのリンクをたどりません。対象のファイルは手作業で変更してください。',
      ko: '다른 곳으로 이어질 수 있으므로 Genkan은 설정 링크를 따라가지 않습니다. 해당 파일을 직접 변경하세요.',
      'zh-Hant': '連結可能指向別處，因此 Genkan 不會跟隨設定的連結。請手動修改目標檔案。',
    },
  },
  connect_file_protected: {
    message: {
      en: '{file} is read-only.',
      ja: '{file} は読み取り専用です。',
      ko: '{file}은(는) 읽기 전용입니다.',
      'zh-Hant': '{file} 是唯讀檔案。',
    },
    hint: {
      en: 'Nothing was written. Take the protection away if the file may be changed.',
      ja: '何も書き込んでいません。変更してよいファイルであれば、保護を解除してください。',
      ko: '아무것도 쓰지 않았습니다. 변경해도 되는 파일이면 보호를 해제하세요.',
      'zh-Hant': '未寫入任何內容。若可以修改此檔案，請解除保護。',
    },
  },
  connect_file_unusable: {
    message: {
      en: '{file} cannot be read or written: {reason}.',
      ja: '{file} の読み取りまたは書き込みができません: {reason}。',
      ko: '{file}을(를) 읽거나 쓸 수 없습니다: {reason}.',
      'zh-Hant': '無法讀取或寫入 {file}：{reason}。',
    },
    hint: {
      en: 'Everything is as it was before.',
      ja: 'すべて元のままです。',
      ko: '모든 것이 이전 그대로입니다.',
      'zh-Hant': '一切都保持原狀。',
    },
  },
  connect_file_changed: {
    message: {
      en: '{file} was changed by another program while you were looking at the plan.',
      ja: '計画を確認している間に、別のプログラムが {file} を変更しました。',
      ko: '계획을 확인하는 동안 다른 프로그램이 {file}을(를) 변경했습니다.',
      'zh-Hant': '在您檢視計畫時，其他程式變更了 {file}。',
    },
    hint: {
      en: 'Nothing was written. Run the command again.',
      ja: '何も書き込んでいません。コマンドをもう一度実行してください。',
      ko: '아무것도 쓰지 않았습니다. 명령을 다시 실행하세요.',
      'zh-Hant': '未寫入任何內容。請再次執行命令。',
    },
  },
  connect_changed_since: {
    message: {
      en: '{file} was changed since; putting it back would lose that change.',
      ja: '{file} はその後変更されています。元に戻すとその変更が失われます。',
      ko: '{file}이(가) 그 뒤에 변경되었습니다. 되돌리면 그 변경이 사라집니다.',
      'zh-Hant': '{file} 之後又有變更；還原會失去該變更。',
    },
    hint: {
      en: 'Nothing was put back. Remove the entry in the client by hand; the file as it was is at {backup}',
      ja: '何も元に戻していません。クライアントで項目を手作業で削除してください。元のファイル: {backup}',
      ko: '아무것도 되돌리지 않았습니다. 클라이언트에서 항목을 직접 제거하세요. 이전 파일: {backup}',
      'zh-Hant': '未還原任何內容。請在用戶端中手動移除該項目；原檔案位於 {backup}',
    },
  },
  connect_nothing_to_undo: {
    message: {
      en: 'There is nothing that genkan {command} could put back.',
      ja: 'genkan {command} で元に戻せるものはありません。',
      ko: 'genkan {command}(으)로 되돌릴 것이 없습니다.',
      'zh-Hant': '沒有可由 genkan {command} 還原的內容。',
    },
    hint: {
      en: 'Only what the command has written itself, and was not put back yet, can be undone.',
      ja: '元に戻せるのは、このコマンドが書き込み、まだ戻していないものだけです。',
      ko: '이 명령이 직접 썼고 아직 되돌리지 않은 것만 되돌릴 수 있습니다.',
      'zh-Hant': '只有此命令寫入且尚未還原的內容可以還原。',
    },
  },
  connect_configuration_shape: {
    message: {
      en: 'Nothing can be added to `servers` in {file} the way it is written.',
      ja: '{file} の書き方では、`servers` に追加できません。',
      ko: '{file}의 작성 방식으로는 `servers`에 추가할 수 없습니다.',
      'zh-Hant': '依 {file} 目前的寫法，無法加入 `servers`。',
    },
    hint: {
      en: 'Write `servers:` with one indented line for each name, then try again.',
      ja: '`servers:` の下に名前を 1 行ずつ字下げして書いてから、もう一度お試しください。',
      ko: '`servers:` 아래에 이름을 한 줄씩 들여 쓴 뒤 다시 시도하세요.',
      'zh-Hant': '請在 `servers:` 之下將每個名稱縮排寫成一行，然後再試一次。',
    },
  },
} as const satisfies Record<string, { readonly message: Text; readonly hint: Text }>;
