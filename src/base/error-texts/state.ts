// What people read about errors of what Genkan keeps: keys that seal secrets, and turns between processes.
import type { Text } from '../text.ts';

export const stateTexts = {
  state_keys_unavailable: {
    message: {
      en: 'The keys that seal stored secrets cannot be read from {source}: {reason}.',
      ja: '保存したシークレットを封じる鍵を {source} から読み取れません: {reason}。',
      ko: '저장된 비밀을 봉인하는 키를 {source}에서 읽을 수 없습니다: {reason}.',
      'zh-Hant': '無法從 {source} 讀取用來封存祕密的金鑰：{reason}。',
    },
    hint: {
      en: 'Nothing is lost. See to it that Genkan reaches them (setting storage.encryptionKey), then try again.',
      ja: '失われたものはありません。Genkan が鍵に到達できるようにして(設定 storage.encryptionKey)、もう一度お試しください。',
      ko: '잃어버린 것은 없습니다. Genkan이 키에 접근할 수 있게 한 뒤(설정 storage.encryptionKey) 다시 시도하세요.',
      'zh-Hant': '沒有任何資料遺失。請確認 Genkan 能取得這些金鑰（設定 storage.encryptionKey），然後再試一次。',
    },
  },
  state_key_missing: {
    message: {
      en: 'Key {key}, which seals stored secrets, is not in {source} any more.',
      ja: '保存したシークレットを封じる鍵 {key} が {source} にありません。',
      ko: '저장된 비밀을 봉인하는 키 {key}이(가) {source}에 더 이상 없습니다.',
      'zh-Hant': '用來封存祕密的金鑰 {key} 已不在 {source} 中。',
    },
    hint: {
      en: 'Put it back, for example from a backup. If it is lost for good: genkan key rotate --abandon-missing; people then sign in again.',
      ja: 'バックアップなどから元に戻してください。完全に失われた場合は genkan key rotate --abandon-missing を実行します。その後は各自が再びサインインします。',
      ko: '백업 등에서 되돌려 놓으세요. 영영 잃어버렸다면 genkan key rotate --abandon-missing을 실행하세요. 그러면 사용자가 다시 로그인합니다.',
      'zh-Hant': '請從備份等處放回。若已永久遺失，請執行 genkan key rotate --abandon-missing；之後使用者需重新登入。',
    },
  },
  state_lease_busy: {
    message: {
      en: 'Another Genkan process is still at it: {name}.',
      ja: '別の Genkan プロセスがまだ処理中です: {name}。',
      ko: '다른 Genkan 프로세스가 아직 처리 중입니다: {name}.',
      'zh-Hant': '另一個 Genkan 程序仍在處理中：{name}。',
    },
    hint: {
      en: 'Try again in a minute.',
      ja: '1 分ほどしてからもう一度お試しください。',
      ko: '1분쯤 뒤에 다시 시도하세요.',
      'zh-Hant': '請於一分鐘後再試。',
    },
  },
} satisfies Record<string, { message: Text; hint: Text }>;
