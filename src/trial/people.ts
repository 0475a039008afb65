// The people of the trial: one for each kind of right that the sample configuration hands out.
import type { Text } from '../base/text.ts';

export interface TrialPerson {
  /** Subject at the stand-in identity provider, and the name by which the command line knows the person. */
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly groups: readonly string[];
  /** What this person does all day, for whoever has to choose. */
  readonly note: Text;
}

export const trialPeople: readonly TrialPerson[] = [
  {
    id: 'dana',
    name: 'Dana Sato',
    email: 'dana@example.com',
    groups: ['dev-team'],
    note: {
      en: 'Developer: builds in the resource groups dev-*',
      ja: '開発者：リソース グループ dev-* の中で作業します',
      ko: '개발자: 리소스 그룹 dev-* 안에서 작업합니다',
      'zh-Hant': '開發人員：在資源群組 dev-* 中工作',
    },
  },
  {
    id: 'omar',
    name: 'Omar Haddad',
    email: 'omar@example.com',
    groups: ['ops-team'],
    note: {
      en: 'Operator: looks after virtual machines, reads the rest',
      ja: '運用担当：仮想マシンを管理し、ほかは閲覧だけします',
      ko: '운영 담당: 가상 머신을 관리하고 나머지는 읽기만 합니다',
      'zh-Hant': '維運人員：管理虛擬機器，其餘僅能檢視',
    },
  },
  {
    id: 'sena',
    name: 'Sena Kim',
    email: 'sena@example.com',
    groups: ['security-team'],
    note: {
      en: 'Security: approves requests, reads security settings and the audit log',
      ja: 'セキュリティ担当：申請を承認し、セキュリティ設定と監査ログを閲覧します',
      ko: '보안 담당: 요청을 승인하고 보안 설정과 감사 로그를 읽습니다',
      'zh-Hant': '資安人員：核准申請，並檢視安全性設定與稽核記錄',
    },
  },
  {
    id: 'ada',
    name: 'Ada Chen',
    email: 'ada@example.com',
    groups: ['azure-mcp-admins'],
    note: {
      en: 'Administrator: owns the subscription and runs Genkan',
      ja: '管理者：サブスクリプションを所有し、Genkan を管理します',
      ko: '관리자: 구독을 소유하고 Genkan을 운영합니다',
      'zh-Hant': '管理員：擁有訂用帳戶並管理 Genkan',
    },
  },
];
