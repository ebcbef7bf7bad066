// English and Japanese.
import { remember, remembered } from "./dom.js";

const words = {
  topology: ["Topology", "トポロジ"], topologyTools: ["Drawing", "図の操作"], fit: ["Fit", "全体表示"], resetLayout: ["Arrange", "整列"],
  saveSvg: ["Save the drawing as SVG", "図を SVG で保存"], details: ["Selected", "選択中"], lesson: ["Lesson", "レッスン"],
  terminals: ["Terminals", "端末"], terminal: ["Terminal", "端末"], terminalOf: ["Terminal of", "端末:"], packets: ["Packets", "パケット"], ladder: ["Ladder", "シーケンス図"],
  tiles: ["Tiles", "並べて表示"], labConsole: ["Lab console", "ラボコンソール"], openTerminal: ["Open a terminal …", "端末を開く …"],
  noTerminals: ["No terminal is open. Double-click a device, or choose one above.", "端末は開かれていません。機器をダブルクリックするか、上で選びます。"],
  close: ["Close", "閉じる"], reconnect: ["Connect again", "再接続"], sessionEnded: ["The session has ended", "セッションが終了しました"],
  kind: ["Kind", "種類"], kind_router: ["Router", "ルータ"], kind_switch: ["Switch", "スイッチ"], kind_l3switch: ["Layer 3 switch", "L3 スイッチ"], kind_pc: ["Host", "ホスト"], kind_server: ["Server", "サーバ"],
  kind_sniffer: ["Sniffer", "スニファ"], kind_outside: ["Outside the lab", "ラボの外"],
  power: ["Power", "電源"], on: ["on", "入"], off: ["off", "切"], powerOff: ["Power off", "電源を切る"], powerOn: ["Power on", "電源を入れる"], powerCycle: ["Off and on", "再起動"],
  runningConfig: ["Running configuration", "running-config"], changedLines: ["% lines changed since the start", "開始時から % 行変更"], unchanged: ["as at the start", "開始時のまま"],
  neighbours: ["Cables and neighbours", "ケーブルと隣接機器"], interfaces: ["Interfaces", "インタフェース"], devices: ["Devices", "機器"],
  cable: ["Cable", "ケーブル"], state_up: ["up", "up"], state_down: ["down", "down"], state_cut: ["cut", "切断"], state_shut: ["shut down", "shutdown"], "state_err-disabled": ["err-disabled", "err-disabled"],
  faults: ["Faults", "障害"], none: ["none", "なし"], cut: ["Cut the cable", "ケーブルを切る"], mend: ["Mend the cable", "ケーブルをつなぐ"], clearFaults: ["Clear faults", "障害を除く"],
  spoil: ["Spoil the cable", "障害を入れる"], apply: ["Apply", "適用"], fault_delay: ["Delay", "遅延"], fault_jitter: ["Jitter", "ジッタ"], fault_loss: ["Loss", "損失"], fault_duplicate: ["Duplicates", "重複"],
  fault_reorder: ["Reordering", "順序入替"], fault_corrupt: ["Damage", "破損"], fault_rate: ["Rate (bit/s)", "帯域 (bit/s)"], fault_mtu: ["MTU (octets)", "MTU (オクテット)"],
  saveCapture: ["Save pcapng", "pcapng を保存"], nothingSelected: ["Click a device or a cable. F6 goes to the next part of the page.", "機器かケーブルをクリックします。F6 でページの次の部分へ移ります。"],
  tunnel_up: ["up", "確立"], tunnel_phase1: ["phase 1 up", "フェーズ1 確立"], tunnel_negotiating: ["negotiating", "ネゴシエーション中"], tunnel_failed: ["failed", "失敗"],
  k_icmp: ["ICMP", "ICMP"], k_esp: ["ESP (encrypted)", "ESP（暗号化）"], k_isakmp: ["ISAKMP (IKE)", "ISAKMP (IKE)"], k_arp: ["ARP", "ARP"], k_tcp: ["TCP", "TCP"], k_udp: ["UDP", "UDP"],
  k_routing: ["Routing", "ルーティング"], k_control: ["Layer 2 control", "L2 制御"],
  labTime: ["Lab time", "ラボ時間"], pace: ["How time passes", "時間の進み方"], pace_real: ["Real time", "実時間"], pace_fast: ["Fast", "高速"], pace_manual: ["By hand", "手動"],
  amount: ["How far", "進める量"], advance: ["Advance", "進める"], points: ["points", "点"], checkNow: ["Check now", "今すぐ確認"], noChecks: ["This lab has no checks.", "このラボには確認項目がありません。"],
  moments: ["Moments", "スナップショット"], momentsHelp: ["The lab as it is now, to come back to: configurations, tables, packets under way, lab time. Sessions end.", "現在のラボの状態（設定・テーブル・通信中のパケット・ラボ時間）を残し、後で戻せます。戻すとセッションは切れます。"],
  momentName: ["Name", "名前"], moment: ["Moment", "スナップショット"], keepMoment: ["Keep this moment", "今の状態を残す"], restore: ["Restore", "戻す"], beginning: ["Beginning", "開始時"],
  branch: ["Branch", "ブランチ"], newBranch: ["New branch from here", "ここから新しいブランチ"],
  load: ["Processor load", "CPU 負荷"], scrub: ["Lab time of the packet", "パケットの時刻"],
  compare: ["Compare", "比較"], compareFrom: ["Compare from", "比較元"], compareTo: ["Compare with", "比較先"], now: ["now", "現在"], differences: ["Differences", "差分"], nothingDiffers: ["nothing differs", "差分はありません"],
  hint: ["Hint", "ヒント"], moreHint: ["What to do", "何をするか"], lookAt: ["Look at:", "確認するコマンド:"], done: ["Done:", "完了:"], open: ["To do:", "未完了:"],
  lost: ["The lab does not answer; trying again …", "ラボが応答しません。再接続しています …"], refused: ["This link was used or the lab was started again. Open a fresh link: iosemu web", "リンクが無効です。iosemu web で新しいリンクを開いてください。"],
  settings: ["Settings", "設定"], theme: ["Theme", "テーマ"], theme_auto: ["Theme: system", "テーマ: 自動"], theme_light: ["Theme: light", "テーマ: 明"], theme_dark: ["Theme: dark", "テーマ: 暗"],
  language: ["Language", "言語"], reader: ["Screen reader", "読み上げ対応"], dock: ["Terminals and packets", "端末とパケット"], side: ["Details and lesson", "詳細とレッスン"], resize: ["Resize", "大きさを変える"],
  filter: ["Filter", "フィルタ"], filterHelp: ["icmp and host 192.168.1.1 · isakmp or esp · not stp · port 500 · on R-A", "icmp and host 192.168.1.1 · isakmp or esp · not stp · port 500 · on R-A"],
  pause: ["Pause", "一時停止"], follow: ["Follow", "追従"], clear: ["Clear", "消去"], decrypt: ["Decrypt", "復号"], shown: ["shown", "表示"], of: ["of", "/"], events: ["Protocols", "プロトコル"],
  no: ["No.", "番号"], time: ["Time", "時刻"], port: ["Port", "ポート"], source: ["Source", "送信元"], destination: ["Destination", "宛先"], protocol: ["Protocol", "プロトコル"], info: ["Info", "内容"],
  packetList: ["Packet list", "パケット一覧"], layers: ["Layers", "レイヤ"], bytes: ["Bytes", "バイト列"], decrypted: ["decrypted", "復号済み"], choosePacket: ["Choose a packet.", "パケットを選びます。"],
  place: ["Where", "場所"], eachOnce: ["Each packet once", "各パケット 1 回"], at: ["at", "場所:"],
  saveKeys: ["pcapng + keys", "pcapng＋鍵"], noPackets: ["No packets yet.", "まだパケットがありません。"], showCable: ["Show the cable", "ケーブルを表示"], inside: ["Decrypted", "復号した内容"],
  conversation: ["Conversation", "やり取り"], noConversation: ["No exchange to draw yet: ping across the tunnel.", "まだ描けるやり取りがありません。トンネル越しに ping してください。"], step: ["Step", "ステップ"], back: ["Back", "戻る"], forward: ["Forward", "進む"], refresh: ["Refresh", "更新"],
  states: ["State of each side", "各機器の状態"], before: ["when it was sent", "送信時"], after: ["after it", "処理後"], verdicts: ["What the receiver says to it", "受信側の判断と根拠"], showPacket: ["Show the packet", "パケットを表示"], debugHelp: ["debug crypto isakmp at a router's terminal shows its lines here.", "ルータの端末で debug crypto isakmp を実行すると、ここに表示されます。"],
  trace: ["Trace", "追跡"], sendPacket: ["Send one packet", "1 パケット送る"], destinationPort: ["Port", "ポート番号"], dropped: ["dropped:", "破棄:"], traceFrom: ["Trace a packet from here", "ここからパケットを追跡"],
  trace_answer: ["answer", "応答"], trace_error: ["ICMP error", "ICMP エラー"], trace_arp: ["ARP", "ARP"],
  traceHelp: ["One packet is sent and followed through every device: what each decided about it and its answer, and the line of configuration behind it.", "パケットを 1 つ送り、各機器が何を判断したか、その根拠の設定行とともに、応答まで追跡します。"],
  exportSvg: ["Save SVG", "SVG を保存"], ladderDrawing: ["Sequence diagram", "シーケンス図"], message: ["Message", "メッセージ"], payloads: ["Payloads", "ペイロード"], log: ["Log at that moment", "その時点のログ"], unanswered: ["unanswered", "応答なし"],
};

let current = remembered("language", (navigator.languages ?? ["en"]).some((each) => each.startsWith("ja")) ? "ja" : "en");
const heard = [];

export const language = () => current;
export const t = (key) => words[key]?.[current === "ja" ? 1 : 0] ?? key;

// Called now and whenever the language changes.
export function onlanguage(call) {
  heard.push(call);
  call();
}

export function setLanguage(next) {
  current = next;
  remember("language", next);
  document.documentElement.lang = next;
  for (const call of heard) call();
}
