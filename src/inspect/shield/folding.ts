// One form for characters that look or mean alike: width, case, accents, look-alikes, kana, jamo, invisible ones.

/** What the reader of units does with a UTF-16 code unit. */
export const SPACE = 0;
export const LETTER = 1;
/** Written without spaces between words, so that each character is a unit: Han, kana, Hangul. */
export const IDEOGRAPH = 2;
/** Structure that tells who speaks: quotes, brackets, colons, line breaks. */
export const SIGN = 3;
/** Nothing to see: dropped, and counted. */
export const INVISIBLE = 4;
/** Takes more than a look at one code unit. */
export const RARE = 5;

/** For each UTF-16 code unit: what it is, and what it is read as. */
export interface Folding {
  readonly kind: Uint8Array;
  readonly folded: Uint16Array;
}

let made: Folding | undefined;

/** Made at first use: about 65,000 characters are normalised for it, in some 20 ms. */
export function folding(): Folding {
  return (made ??= makeFolding());
}

function makeFolding(): Folding {
  const kind = new Uint8Array(0x10000);
  const folded = new Uint16Array(0x10000);
  for (let unit = 0; unit < 0x10000; unit++) {
    folded[unit] = unit;
    if (unit >= 0xd800 && unit <= 0xdfff) kind[unit] = RARE;
    else if (invisible(unit)) kind[unit] = INVISIBLE;
    else if (unit >= 0xac00 && unit <= 0xd7a3) kind[unit] = IDEOGRAPH;
    else if (unit >= 0x4e00 && unit <= 0x9fff) kind[unit] = IDEOGRAPH;
    else {
      // UAX #15: compatibility forms (full width, half width, letter-like) and accents fall away.
      const plain = String.fromCharCode(unit).normalize('NFKD').replace(marks, '').normalize('NFKC').toLowerCase();
      if (combining.test(String.fromCharCode(unit))) kind[unit] = RARE;
      else if (plain.length === 1) {
        folded[unit] = plain.charCodeAt(0);
        kind[unit] = kindOf(plain);
      } else if (plain.length > 1) kind[unit] = RARE;
    }
  }
  // Kana with their marks are letters of their own, as NFC writes them.
  for (let unit = 0x3041; unit <= 0x30ff; unit++) folded[unit] = unit;
  for (const [from, to] of lookAlikes()) folded[from] = to;
  for (const [from, to] of simplified()) folded[from] = to;
  for (const unit of jamoUnits()) kind[unit] = RARE;
  return { kind, folded };
}

function kindOf(character: string): number {
  if (signs.includes(character)) return SIGN;
  if (ideographic.test(character)) return IDEOGRAPH;
  return letter.test(character) ? LETTER : SPACE;
}

const marks = /\p{Mn}/gu;
const combining = /[\u3099\u309a\uff9e\uff9f]/;
const letter = /[\p{L}\p{N}]/u;
const ideographic = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}ー々]/u;
const signs = '<>[]{}#"\'`:!?=|/\n「」『』“”‘’«»【】《》〈〉。！？：';

/** Default-ignorable code points of the basic plane (Unicode, DerivedCoreProperties), and control characters but blanks. */
const invisible = (unit: number): boolean =>
  (unit < 0x20 && unit !== 9 && unit !== 10 && unit !== 13) ||
  unit === 0xad ||
  unit === 0x34f ||
  unit === 0x61c ||
  unit === 0x115f ||
  unit === 0x1160 ||
  unit === 0x17b4 ||
  unit === 0x17b5 ||
  (unit >= 0x180b && unit <= 0x180f) ||
  (unit >= 0x200b && unit <= 0x200f) ||
  (unit >= 0x202a && unit <= 0x202e) ||
  (unit >= 0x2060 && unit <= 0x206f) ||
  unit === 0x3164 ||
  (unit >= 0xfe00 && unit <= 0xfe0f) ||
  unit === 0xfeff ||
  unit === 0xffa0 ||
  (unit >= 0xfff0 && unit <= 0xfff8);

/** Cyrillic and Greek letters that look like Latin ones (Unicode UTS #39 confusables, those of common fonts). */
function lookAlikes(): [number, number][] {
  const pairs = 'аaеeоoрpсcуyхxіiјjѕsԁdһhӏlԛqԝwоoвbкkмmнhтtαaεeοoρpυuνvκkιiτtχxωwηnγyѵvɡgıiɑa';
  return pairsOf(pairs, true);
}

/**
 * Traditional Chinese characters (and Japanese forms) that mean what the simplified one does: the words in which orders
 * are given, told once for both scripts.
 */
function simplified(): [number, number][] {
  return pairsOf(
    '個个們们這这來来時时說说對对為为於于會会過过還还沒没後后學学國国無无從从開开關关門门問问間间聞闻現现見见視视觀观覺觉規规則则' +
      '則则實实寫写寶宝審审將将專专尋寻導导層层屬属歲岁島岛幣币帳账帶带師师廣广應应庫库廢废廠厂張张強强彈弹當当錄录錯错鍵键鎖锁鐘钟' +
      '鑰钥長长閉闭閱阅隊队階阶際际隨随險险隱隐雙双雜杂離离難难電电靈灵靜静響响頁页項项順顺須须預预頭头題题額额顯显類类風风飛飞' +
      '餘余馬马驗验體体髮发發发點点黨党齊齐龍龙業业東东絲丝兩两嚴严喪丧豐丰臨临麗丽舉举義义樂乐喬乔習习鄉乡書书買买亂乱爭争虧亏雲云' +
      '亞亚產产畝亩親亲褻亵億亿僅仅僕仆倉仓儀仪價价眾众優优夥伙傘伞偉伟傳传傷伤倫伦偽伪體体傭佣儲储兒儿兌兑內内冊册決决況况凍冻淨净' +
      '準准涼凉減减湊凑幾几鳳凤憑凭凱凯擊击鑿凿劃划劉刘剛刚創创刪删別别劑剂劍剑劇剧勸劝辦办務务動动勵励勁劲勞劳勢势匯汇區区醫医華华' +
      '協协單单賣卖盧卢衛卫卻却廳厅歷历厲厉壓压厭厌縣县參参變变敘叙疊叠號号嘆叹嚇吓嗎吗啟启員员聽听喚唤問问嘗尝團团園园圍围圖图圓圆' +
      '聖圣場场壞坏塊块堅坚壇坛墊垫塵尘牆墙壯壮聲声殼壳處处備备複复夠够奪夺奮奋獎奖婦妇媽妈孫孙寧宁審审憲宪賓宾寢寝對对壽寿尷尴嘗尝' +
      '屆届屬属嶺岭巖岩幫帮幹干並并廟庙慶庆張张彌弥彎弯徹彻徵征憶忆懷怀態态憂忧懸悬驚惊懲惩慣惯愛爱懶懒戰战戲戏戶户撲扑執执擴扩掃扫' +
      '揚扬擾扰撫抚拋抛搶抢護护報报擔担擬拟擁拥攔拦擇择掛挂揮挥據据損损換换撥拨擋挡擠挤攜携攝摄擺摆敵敌數数斷断於于舊旧曉晓曬晒暫暂' +
      '術术機机殺杀權权條条楊杨極极構构標标棧栈樹树樣样橋桥檔档檢检樓楼歡欢歐欧殘残氣气漢汉湯汤溝沟滅灭溫温濟济測测渾浑濃浓濾滤瀏浏' +
      '灣湾滿满漁渔潔洁潤润澤泽災灾煉炼煙烟燈灯燒烧熱热爺爷牽牵犧牺狀状獨独獲获獻献環环瑪玛畫画畢毕療疗瘋疯監监盤盘盜盗睜睁矚瞩矯矫' +
      '礦矿碼码磚砖礎础禮礼禍祸離离種种稱称積积穩稳窮穷竊窃競竞筆笔節节範范築筑簡简簽签籌筹籤签糧粮糾纠紀纪約约紅红級级紋纹納纳純纯' +
      '紙纸紛纷細细終终組组結结絕绝給给統统經经綁绑維维綱纲網网緊紧線线編编緩缓練练縮缩績绩總总織织繞绕繪绘繼继續续纏缠罰罚羅罗職职' +
      '聯联聰聪肅肃脅胁腦脑膽胆臉脸臟脏與与興兴艦舰艙舱藝艺蘇苏藍蓝蘭兰處处蟲虫補补裝装製制複复襲袭覽览覆复觸触計计訂订訊讯討讨訓训' +
      '託托記记訪访設设許许訴诉診诊註注詐诈評评詞词試试詩诗話话該该詳详誇夸認认誘诱語语誠诚誤误請请論论諸诸諾诺謀谋謂谓講讲謝谢識识' +
      '證证譯译議议護护讀读變变讓让貓猫財财貢贡負负貨货質质販贩貪贪責责貴贵貸贷費费貼贴貿贸資资賊贼賬账賞赏賠赔賴赖購购賽赛贊赞贏赢' +
      '趕赶趙赵跡迹踐践躍跃車车軌轨軍军軟软載载較较輔辅輕轻輛辆輩辈輪轮輯辑輸输轉转辭辞農农連连週周進进遊游運运達达違违遙遥遞递遠远' +
      '適适選选遲迟遺遗邊边郵邮鄰邻醜丑釋释針针鈕钮銀银銅铜銷销鋼钢錢钱鏈链鏡镜鐵铁鑑鉴閃闪閒闲闆板闊阔陰阴陣阵陳陈陸陆雖虽霧雾韓韩' +
      '頂顶頓顿頒颁頻频顆颗顏颜願愿顧顾飯饭飲饮館馆駐驻駕驾騎骑騙骗騰腾驅驱鬥斗鬧闹魚鱼鮮鲜鳥鸟鳴鸣麥麦麼么黃黄齡龄' +
      // Japanese forms
      '権权検检実实発发経经続续読读図图関关変变対对応应総总続续単单覚觉転转伝传価价労劳処处戦战訳译証证読读売卖拡扩拠据択择暁晓歩步毎每気气' +
      '県县縄绳聴听脳脑芸艺薬药観观覧览説说譲让頼赖録录鉄铁閲阅隠隐険险雑杂霊灵類类駅驿験验騒骚調调',
    false,
  );
}

function pairsOf(pairs: string, withCapitals: boolean): [number, number][] {
  const found: [number, number][] = [];
  for (let at = 0; at < pairs.length; at += 2) {
    const [from, to] = [pairs.charAt(at), pairs.charCodeAt(at + 1)];
    found.push([from.charCodeAt(0), to]);
    const capital = from.toUpperCase();
    if (withCapitals && capital.length === 1) found.push([capital.charCodeAt(0), to]);
  }
  return found;
}

/** Compatibility jamo U+3131–3163 and conjoining jamo U+1100–11FF. */
function* jamoUnits(): Generator<number> {
  for (let unit = 0x3131; unit <= 0x3163; unit++) yield unit;
  for (let unit = 0x1100; unit <= 0x11ff; unit++) yield unit;
}
