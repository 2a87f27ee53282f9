"""A Chinese font for pictures, if this machine has one (fonts are never shipped)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from matplotlib import font_manager
from matplotlib.font_manager import FontProperties

FAMILIES: Final = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei", "PingFang SC",
    "SimHei", "Heiti SC", "STHeiti", "Hiragino Sans GB", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback",
    "Noto Serif CJK SC", "Source Han Serif SC", "SimSun", "Songti SC", "FangSong", "KaiTi", "Arial Unicode MS",
    "Noto Sans CJK JP",
)  # fmt: skip
_FILES: Final = ("cjk", "han", "yahei", "msyh", "simhei", "simsun", "pingfang", "heiti", "songti", "wqy", "fallback")
"""Parts of names of font files that may hold one of the families."""
NO_FONT: Final = "本机没有中文字体，图上只标编号，名称见表；安装中文字体（如 fonts-noto-cjk）后重新导出，即可标出名称。"


@dataclass(frozen=True)
class Font:
    """A font that pictures are written with; ``chinese`` says whether it has Chinese signs."""

    regular: FontProperties
    bold: FontProperties
    chinese: bool
    signs: frozenset[int]

    def shown(self, text: str) -> str:
        """The text without signs that the font does not have: they would come out as boxes."""
        return "".join(sign for sign in text if ord(sign) in self.signs).strip()


@lru_cache(maxsize=1)
def map_font() -> Font:
    """The first of `FAMILIES` that is installed; else matplotlib's own font, which has no Chinese."""
    known = {font.name for font in font_manager.fontManager.ttflist}
    family = next((name for name in FAMILIES if name in known), None)
    if family is None:
        # Installed after matplotlib last listed the fonts.
        for file in font_manager.findSystemFonts():
            if any(part in Path(file).name.lower() for part in _FILES):
                font_manager.fontManager.addfont(file)
        known = {font.name for font in font_manager.fontManager.ttflist}
        family = next((name for name in FAMILIES if name in known), None)
    return _plain() if family is None else _font(family, chinese=True)


def _plain() -> Font:
    """matplotlib's own font."""
    return _font("DejaVu Sans", chinese=False)


def _font(family: str, *, chinese: bool) -> Font:
    regular, bold = FontProperties(family=family), FontProperties(family=family, weight="bold")
    signs = frozenset(font_manager.get_font(font_manager.findfont(regular)).get_charmap())
    return Font(regular, bold, chinese, signs)
