"""One spelling for the grammar, with the way back to the original text for every sign of it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

LIMIT = 20_000
"""Signs that are read; what stands behind them is reported, not read."""

_TRADITIONAL = (
    "東鄰臨圍牆墻線紅藍綠邊側區園號樓鐵軌橋壩規劃圖詳見與為爲條門廣場學醫灣溝莊達鎮鄉縣陸國際華陽陰龍鳳"
    "馬鳥魚車軍長開關發興業實驗遠運連進過還選遺遼對寶處從義樂書農麗麥黃齊齒濱濟淺漢瀋灘瀏舊萬葉蘇藝蘭蘆"
    "應慶廠廟廈島峽嶺張強彎後擴據攔無時會東機權歐歷殘殺涼減湯測滿漁澤濕熱營爾獨環現產畫當療眾穩竹築範築"
    "紀約級納紙細終結絡給統經維網緊緣縱總織羅聯聖聲職腦膠興舉艦節荊華蓋薊藥虛蟲術衛補裝複西見觀覽記許設訪"
    "證評詩話語誠調談論諸護讀變豐貝負財貢貨貴貿賓資質賴贛趙跡車軟輕輪轉農遷郵鄭醬針鋼錄錢錦鍋鎖鐘鑼閘間閣閩"
    "隊階際陳險隱隸難雙雞離電霧靈靜頂項順須預頭頻題額顏風飛飯館駐駕騎驛體點黨龜個倉倫偉價億優兩凱劉劍動務"
    "勝勞勢協單卻參吳問啟嗎圓塊塵墊壽夢奧孫寧審將專尋導尚屆屬岡崗幣師帶幫庫廢廳彈復徑徵恆惠愛慮戰戶"
)
_SIMPLIFIED = (
    "东邻临围墙墙线红蓝绿边侧区园号楼铁轨桥坝规划图详见与为为条门广场学医湾沟庄达镇乡县陆国际华阳阴龙凤"
    "马鸟鱼车军长开关发兴业实验远运连进过还选遗辽对宝处从义乐书农丽麦黄齐齿滨济浅汉沈滩浏旧万叶苏艺兰芦"
    "应庆厂庙厦岛峡岭张强弯后扩据拦无时会东机权欧历残杀凉减汤测满渔泽湿热营尔独环现产画当疗众稳竹筑范筑"
    "纪约级纳纸细终结络给统经维网紧缘纵总织罗联圣声职脑胶兴举舰节荆华盖蓟药虚虫术卫补装复西见观览记许设访"
    "证评诗话语诚调谈论诸护读变丰贝负财贡货贵贸宾资质赖赣赵迹车软轻轮转农迁邮郑酱针钢录钱锦锅锁钟锣闸间阁闽"
    "队阶际陈险隐隶难双鸡离电雾灵静顶项顺须预头频题额颜风飞饭馆驻驾骑驿体点党龟个仓伦伟价亿优两凯刘剑动务"
    "胜劳势协单却参吴问启吗圆块尘垫寿梦奥孙宁审将专寻导尚届属冈岗币师带帮库废厅弹复径征恒惠爱虑战户"
)
_PAIRS = (
    "銀银銅铜錫锡鏡镜鋪铺曉晓暉晖楊杨樺桦櫻樱棟栋樹树匯汇滙汇淵渊潤润澗涧濤涛瑩莹瓊琼壟垄嶽岳嶼屿峯峰崑昆巒峦廬庐懷怀"
    "揚扬撫抚昇升晉晋暢畅曠旷榮荣樁桩歡欢瀾澜煙烟燈灯燦灿爐炉獅狮畝亩盤盘盧卢碼码磚砖礦矿禮礼祿禄穀谷窯窑簡简糧粮綏绥"
    "綿绵緒绪績绩繡绣綉绣羣群聰聪肅肃脈脉臺台蔣蒋蓮莲薈荟蘊蕴親亲訊讯誌志誼谊謝谢貞贞賀贺賞赏軒轩載载輝辉轄辖辦办遙遥"
    "鄒邹鄧邓釣钓鈞钧鋁铝鍾钟鏈链閱阅闊阔隴陇韓韩韻韵頤颐顧顾養养馮冯駿骏騰腾驪骊鯉鲤鴻鸿鵬鹏鶴鹤鷺鹭鹽盐齡龄龐庞橫横"
    "灑洒籬篱棧栈塢坞壙圹墳坟樞枢溫温滄沧瀘泸瀧泷燕燕畢毕當当稅税縉缙翹翘聚聚藍蓝製制誠诚賢贤較较輸输遊游鄂鄂釗钊鉤钩"
    "鋸锯闢辟顏颜麟麟"
)
_OLD = dict(zip(_TRADITIONAL + _PAIRS[::2], _SIMPLIFIED + _PAIRS[1::2], strict=True))
_OTHER = {
    "。": ".", "｡": ".", "．": ".", "﹑": "、", "､": "、", "︑": "、", "丶": "、",
    "【": "(", "】": ")", "〔": "(", "〕": ")", "[": "(", "]": ")", "{": "(", "}": ")", "〖": "(", "〗": ")",
    "—": "-", "–": "-", "‐": "-", "‑": "-", "‒": "-", "―": "-", "−": "-", "─": "-", "－": "-", "━": "-",
    "～": "~", "〜": "~", "∼": "~", "→": "-", "\\": "/", "|": ";", "丨": ";", "○": "O", "〇": "零",
    "“": "", "”": "", '"': "", "'": "", "‘": "", "’": "", "《": "", "》": "", "〈": "", "〉": "", "「": "", "」": "",
    "『": "", "』": "", "…": ".", "•": "·", "・": "·",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Normal:
    """``text``: the spelling that is read; sign ``i`` of it stands at ``at[i]`` of the original (``source``)."""

    source: str
    text: str
    at: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Place in the original text of the signs ``start`` … ``end - 1`` (not empty)."""
        return self.at[start], self.at[end - 1] + 1


@lru_cache(maxsize=8192)
def _spelling(sign: str) -> str:
    """What a sign is read as; ``""`` for what is not read at all (quotes, control and zero-width signs)."""
    if sign in _OTHER:
        return _OTHER[sign]
    if sign in "\n\r\v\f\x85\u2028\u2029":
        return "\n"
    if "①" <= sign <= "⑳" or "❶" <= sign <= "❿" or "➀" <= sign <= "➓":
        return f"({int(unicodedata.numeric(sign))})"
    category = unicodedata.category(sign)
    if sign.isspace() or category == "Zs":
        return " "
    if category in ("Cc", "Cf", "Mn", "Me"):
        return ""
    plain = unicodedata.normalize("NFKC", sign)
    out = "".join(_OTHER.get(s, _OLD.get(s, s)) for s in plain)
    return "".join(" " if s.isspace() else s for s in out)


def normalise(text: str) -> Normal:
    """Half width, simplified, one kind of each mark; runs of blanks are one blank, or one line break if they hold any."""
    signs: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text[:LIMIT]):
        for spelled in _spelling(sign):
            if spelled in " \n" and signs and signs[-1] in " \n":
                signs[-1] = "\n" if "\n" in (spelled, signs[-1]) else " "
                continue
            signs.append(spelled)
            places.append(place)
    return Normal(text, "".join(signs), tuple(places))
