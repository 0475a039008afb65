// What people read when a judge of the prompt shield cannot be set up.

export const judgeTexts = {
  inspect_judge_unavailable: {
    message: {
      en: 'The judge "{judge}" of the prompt shield cannot be used: {reason}.',
      ja: 'プロンプトシールドの判定役「{judge}」を使用できません: {reason}。',
      ko: '프롬프트 실드의 판정기 "{judge}"을(를) 사용할 수 없습니다: {reason}.',
      'zh-Hant': '無法使用提示防護的判定器「{judge}」:{reason}。',
    },
    hint: {
      en: 'Install what is missing or correct the paths under inspect.shield.judges, or take the judge out of the configuration.',
      ja: '不足しているものをインストールするか、inspect.shield.judges のパスを修正してください。不要であれば、この判定役を設定から外してください。',
      ko: '빠진 것을 설치하거나 inspect.shield.judges의 경로를 고치세요. 필요 없다면 이 판정기를 설정에서 제거하세요.',
      'zh-Hant': '請安裝缺少的項目,或修正 inspect.shield.judges 中的路徑;若不需要,請從設定中移除此判定器。',
    },
  },
} as const;
