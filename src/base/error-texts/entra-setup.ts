// What people read when Genkan's registration at Microsoft Entra ID is set up, or its credentials are exchanged.

export const entraSetupTexts = {
  entra_not_configured: {
    message: {
      en: 'Nobody signs in here with Microsoft Entra ID.',
      ja: 'ここでは Microsoft Entra ID によるサインインが構成されていません。',
      ko: '여기에는 Microsoft Entra ID 로그인이 구성되어 있지 않습니다.',
      'zh-Hant': '此處並未設定以 Microsoft Entra ID 登入。',
    },
    hint: {
      en: 'Register Genkan with genkan entra setup --tenant ID --public-url URL, and put what it prints into genkan.yaml.',
      ja: 'genkan entra setup --tenant ID --public-url URL で Genkan を登録し、表示された内容を genkan.yaml に書き込んでください。',
      ko: 'genkan entra setup --tenant ID --public-url URL로 Genkan을 등록하고, 출력된 내용을 genkan.yaml에 넣으세요.',
      'zh-Hant': '請以 genkan entra setup --tenant ID --public-url URL 註冊 Genkan，並將輸出的內容寫入 genkan.yaml。',
    },
  },
  entra_rotation_impossible: {
    message: {
      en: 'The credential cannot be exchanged: {reason}.',
      ja: '資格情報を交換できません: {reason}。',
      ko: '자격 증명을 교체할 수 없습니다: {reason}.',
      'zh-Hant': '無法更換認證：{reason}。',
    },
    hint: {
      en: 'By hand: az ad app credential reset --id CLIENT-ID --append adds one; put it where genkan.yaml points, and delete the old one when people sign in with the new one.',
      ja: '手動で行う場合: az ad app credential reset --id CLIENT-ID --append で追加し、genkan.yaml が指す場所に置いて、新しい資格情報でサインインできることを確認してから古いものを削除してください。',
      ko: '직접 하려면 az ad app credential reset --id CLIENT-ID --append로 추가하여 genkan.yaml이 가리키는 위치에 두고, 새 자격 증명으로 로그인되는 것을 확인한 뒤 이전 것을 삭제하세요.',
      'zh-Hant':
        '手動方式：以 az ad app credential reset --id CLIENT-ID --append 新增，放到 genkan.yaml 所指的位置，確認可用新認證登入後再刪除舊的。',
    },
  },
  entra_rotation_undone: {
    message: {
      en: 'The credential was not exchanged, and everything is as before: {reason}',
      ja: '資格情報は交換されず、すべて元のままです: {reason}',
      ko: '자격 증명이 교체되지 않았으며 모든 것이 이전과 같습니다: {reason}',
      'zh-Hant': '認證並未更換，一切維持原狀：{reason}',
    },
    hint: {
      en: 'The old credential is still in use, and the new one was taken back. Remove the cause, and try again.',
      ja: '古い資格情報が引き続き使われており、新しいものは取り消されました。原因を取り除いて、もう一度お試しください。',
      ko: '이전 자격 증명이 계속 사용되고 있으며 새 자격 증명은 취소되었습니다. 원인을 해결한 후 다시 시도하세요.',
      'zh-Hant': '舊認證仍在使用中，新認證已撤回。請排除原因後再試一次。',
    },
  },
  entra_registration_exists: {
    message: {
      en: 'The tenant has an application named {name} already: {clientIds}.',
      ja: 'テナントには {name} という名前のアプリケーションが既にあります: {clientIds}。',
      ko: '테넌트에 이름이 {name}인 애플리케이션이 이미 있습니다: {clientIds}.',
      'zh-Hant': '租用戶中已有名為 {name} 的應用程式：{clientIds}。',
    },
    hint: {
      en: 'Anybody who may register applications can use that name, so it is not taken for yours. If it is yours, say so with --app CLIENT-ID; otherwise choose another --name.',
      ja: 'アプリケーションを登録できる人なら誰でもこの名前を使えるため、自動的に採用することはありません。自分のものであれば --app CLIENT-ID で指定し、そうでなければ別の --name を選んでください。',
      ko: '애플리케이션을 등록할 수 있는 사람은 누구나 이 이름을 쓸 수 있으므로 자동으로 사용하지 않습니다. 본인의 것이면 --app CLIENT-ID로 지정하고, 아니면 다른 --name을 선택하세요.',
      'zh-Hant':
        '任何可註冊應用程式的人都能使用這個名稱，因此不會自動採用。若確實是您的，請以 --app CLIENT-ID 指定；否則請選擇其他 --name。',
    },
  },
} as const;
