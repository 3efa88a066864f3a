"""Chinese (Mandarin), as a teacher says it. The voice reads whole numbers itself, but not digits after the point.

"无限大" replaces "无穷大", because espeak-ng 1.52 cannot read the second syllable of that word.
"""

from __future__ import annotations

from video_assets.studio.spoken.characters import HAN_AND_KANA, LATIN

from .language import (
    Language,
    Maths,
    Money,
    as_counted,
    combine_patterns,
    greek_letters,
    table,
    unit_table,
    with_prefixes,
)

_DIGITS = "零一二三四五六七八九"


def _one_by_one(text: str) -> str:
    return "".join(_DIGITS[int(digit)] for digit in text)


def _cardinal(text: str) -> str:
    return _one_by_one(text) if (len(text) > 1 and text[0] == "0") or len(text) > 12 else as_counted(text)


def _clock(hour: int, minute: int) -> str:
    return f"{hour}点{'零' if minute < 10 else ''}{minute}分" if minute else f"{hour}点"


_PREFIXES = table("p 皮 ; n 纳 ; µ 微 ; μ 微 ; m 毫 ; k 千 ; M 兆 ; G 吉 ; T 太")
_PREFIXED = unit_table(
    "Ω 欧姆 ; Ω 欧姆 ; V 伏 ; A 安 ; W 瓦 ; F 法 ; J 焦 ; N 牛 ; Pa 帕 ; C 库仑 ; cal 卡 ; mol 摩尔 ; T 特斯拉 ; "
    "Hz 赫兹 ; H 亨 ; S 西门子 ; g 克 ; m 米 ; l 升 ; L 升 ; s 秒 ; eV 电子伏 ; Wh 瓦时 ; bit 比特"
)
_UNITS = unit_table(
    "Ω 欧姆 ; Ω 欧姆 ; V 伏特 ; A 安培 ; W 瓦特 ; F 法拉 ; J 焦耳 ; N 牛顿 ; Pa 帕斯卡 ; H 亨利 ; km 千米 ; kg "
    "千克 ; cm 厘米 ; dm 分米 ; mm 毫米 ; μm 微米 ; µm 微米 ; nm 纳米 ; min 分钟 ; h 小时 ; t 吨 ; ha 公顷 ; B "
    "字节 ; kB 千字节 ; KB 千字节 ; MB 兆字节 ; GB 吉字节 ; TB 太字节 ; ° 度 ; °C 摄氏度 ; ℃ 摄氏度 ; °F 华氏度 ; "
    "K 开尔文 ; bar 巴 ; dB 分贝 ; Å 埃 ; px 像素"
)

_SYMBOLS = greek_letters(
    "阿尔法 贝塔 伽马 德尔塔 艾普西隆 泽塔 伊塔 西塔 约塔 卡帕 兰姆达 缪 纽 克西 奥米克戎 派 柔 西格玛 陶 宇普西隆 "
    "斐 希 普西 欧米伽"
) | table(
    "= 等于 ; == 等于 ; === 全等于 ; := 定义为 ; ≔ 定义为 ; ≠ 不等于 ; != 不等于 ; < 小于 ; > 大于 ; ≤ 小于等于 ; "
    "<= 小于等于 ; ≥ 大于等于 ; >= 大于等于 ; ⩽ 小于等于 ; ⩾ 大于等于 ; ≪ 远小于 ; ≫ 远大于 ; ≈ 约等于 ; ≃ 约等于 "
    "; ≅ 全等于 ; ∼ 相似于 ; ~ 大约 ; ≡ 恒等于 ; ∝ 正比于 ; ± 正负 ; ∓ 负正 ; + 加 ; ++ 加加 ; += 加等于 ; -= "
    "减等于 ; × 乘以 ; * 乘以 ; ⋅ 乘以 ; ∙ 乘以 ; ⊗ 张量积 ; ⊕ 直和 ; ÷ 除以 ; − 减 ; ∕ 除以 ; ⁄ 除以 ; / 斜杠 ; → "
    "到 ; ⟶ 到 ; -> 到 ; ← 来自 ; <- 赋值为 ; ↔ 往返 ; ⇌ 可逆生成 ; ⇄ 可逆生成 ; ⇒ 推出 ; ⟹ 推出 ; => 得到 ; ⇔ "
    "等价于 ; ⟺ 等价于 ; ↦ 映射到 ; ↑ 向上 ; ↓ 向下 ; ∞ 无限大 ; √ 根号 ; ∛ 三次根号 ; ∜ 四次根号 ; ∑ 求和 ; ∏ "
    "求积 ; ∫ 积分 ; ∬ 二重积分 ; ∮ 环路积分 ; ∂ 偏 ; ∇ 纳布拉 ; ∈ 属于 ; ∉ 不属于 ; ∋ 包含元素 ; ⊂ 包含于 ; ⊆ "
    "包含于 ; ⊃ 包含 ; ⊇ 包含 ; ∪ 并 ; ∩ 交 ; ∅ 空集 ; ∀ 对任意 ; ∃ 存在 ; ∄ 不存在 ; ∴ 所以 ; ∵ 因为 ; ¬ 非 ; ∧ "
    "且 ; ∨ 或 ; && 且 ; || 或 ; ⊥ 垂直于 ; ∥ 平行于 ; ∠ 角 ; ℝ 实数集 ; ℕ 自然数集 ; ℤ 整数集 ; ℚ 有理数集 ; ℂ "
    "复数集 ; ħ 约化普朗克常数 ; ℏ 约化普朗克常数 ; ℓ L ; ° 度 ; ′ 撇 ; ″ 两撇 ; % 百分之 ; ‰ 千分之 ; & 和 ; @ "
    "艾特 ; # 井号 ; № 编号 ; § 章节 ; © 版权所有 ; ® 注册商标 ; ™ 商标 ; † 剑号 ; ‡ 双剑号 ; _ 下划线 ; ^ 次方 ; "
    "⁎ 星号 ; ✓ 对 ; ✔ 对 ; ✗ 错 ; ✘ 错 ; ★ 星 ; ☆ 星 ; ♯ 升 ; ♭ 降 ; $ 美元 ; € 欧元 ; £ 英镑 ; ¥ 元 ; ₹ 卢比 ; ¢ "
    "美分 ; ℃ 摄氏度 ; ℉ 华氏度 ; ⊙ 太阳 ; ♀ 母 ; ♂ 公 ; ∘ 复合 ; ∣ 使得 ; ＝ 等于 ; ＋ 加 ; ＞ 大于 ; ＜ 小于 ; "
    "／ 斜杠 ; ％ 百分之 ; ～ 到"
)

CHINESE = Language(
    tag="zh",
    unspaced=True,
    accents=False,
    script=LATIN + HAN_AND_KANA,
    point="点",
    decimal=".",
    group=",\u00a0\u202f\u2009",
    cardinal=_cardinal,
    digits=_one_by_one,
    fraction_digits=_one_by_one,
    fraction=lambda numerator, denominator: f"{denominator}分之{numerator}",
    mixed="{}又{}",
    year=lambda value: _one_by_one(str(value)),
    year_refused=r"(?!\s?年)",
    date=lambda year, month, day: f"{_one_by_one(str(year))}年{month}月{day}日",
    clock=_clock,
    percent="百分之{}",
    to="到",
    per="每",
    square="平方{}",
    cubic="立方{}",
    square_one="平方{}",
    cubic_one="立方{}",
    time_squared="二次方{}",
    units=combine_patterns(with_prefixes(_PREFIXES, _PREFIXED), _PREFIXED, _UNITS),
    money={
        "$": Money("美元", "美元"),
        "€": Money("欧元", "欧元"),
        "£": Money("英镑", "英镑"),
        "¥": Money("元", "元"),
        "₹": Money("卢比", "卢比"),
        "¢": Money("美分", "美分"),
    },
    magnitudes="万亿|亿|万|千",
    maths=Maths(
        minus="减",
        negative="负",
        times="乘以",
        over="除以",
        of="",
        quantity="括号",
        squared="的平方",
        cubed="的立方",
        power="的{}次方",
        prime="撇",
        inverse="的逆",
        transposed="的转置",
        factorial="的阶乘",
        absolute="绝对值",
        limits=table("∫ 从{}到{}积分 ; ∑ 从{}到{}求和 ; ∏ 从{}到{}求积"),
        scientific="乘以10的{}次方",
        functions=table(
            "sin 正弦 ; cos 余弦 ; tan 正切 ; cot 余切 ; arcsin 反正弦 ; arccos 反余弦 ; arctan 反正切 ; log 对数 "
            "; ln 自然对数 ; exp 指数 ; lim 极限 ; max 最大值 ; min 最小值 ; det 行列式 ; mod 模"
        ),
    ),
    symbols=_SYMBOLS,
    letters={"a": "诶"},
    acronyms=table("NASA Nasa ; MOSFET mosfet ; LASER laser ; RAM ram ; ROM rom ; COVID covid"),
    abbreviations={
        r"C\+\+": "C加加",
        r"C#": "C sharp",
        r"#(?=\d)": "编号",
    },
    web=table(
        ". 点 ; / 斜杠 ; - 横杠 ; _ 下划线 ; @ 艾特 ; : 冒号 ; # 井号 ; ? 问号 ; = 等号 ; & 和 ; % 百分号 ; + 加号 "
        "; ~ 波浪号"
    ),
    endings=table("com com ; org org ; net net ; cn C N ; py P Y ; json J son ; html H T M L ; txt T X T ; pdf P D F"),
)
