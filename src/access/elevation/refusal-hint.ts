// The sentence that tells whoever is refused which role they may request for a while, and where.
import { t } from '../../base/text.ts';
import type { Language, Text } from '../../base/text.ts';

const text: Text = {
  en: 'For a while you may request the role "{role}" at {page}.',
  ja: 'ロール「{role}」は、このページから一時的に申請できます: {page}',
  ko: '"{role}" 역할은 이 페이지에서 일시적으로 요청할 수 있습니다: {page}',
  'zh-Hant': '您可以在此頁面暫時申請「{role}」角色:{page}',
};

/** @param elevation as it stands in the data of a refusal; undefined where nothing could be requested */
export function elevationHint(elevation: unknown, language: Language): string | undefined {
  const [first] = Array.isArray(elevation) ? (elevation as { role?: unknown; request?: unknown }[]) : [];
  if (typeof first?.role !== 'string' || typeof first.request !== 'string') return undefined;
  return t(text, language, { role: first.role, page: first.request });
}
