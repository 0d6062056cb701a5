"""The scripts that the window's own font lacks: their letters, fonts that have them, where to get one. Pure.

Latin, Greek and Cyrillic are in the font that comes with the window; everything here is loaded when a text wants it.
"""

from __future__ import annotations

from bisect import bisect_right

from src.value import Value

_NOTO = "https://github.com/notofonts/notofonts.github.io/raw/main/fonts"
_NOTO_CJK = "https://github.com/notofonts/noto-cjk/raw/main/Sans/OTF/SimplifiedChinese/NotoSansCJKsc-Regular.otf"
_EMOJI = "https://github.com/mozilla/twemoji-colr/releases/download/v0.7.0/Twemoji.Mozilla.ttf"
_PLAIN = "\u0530"  # below it are Latin, Greek and Cyrillic


class Script(Value):
    """A script: its letters as ranges, file names of fonts that have it (the best first), where one can be had.

    `is_joined`: its letters change their shape beside each other, or stand in another order, and the toolkit cannot do
    that; Arabic and Hebrew are prepared by `reading_order` instead. `scale`: how much larger its fonts have to be, as
    they are made to fit by the height of their lines, for letters to look as large as Latin ones.
    """

    name: str
    ranges: tuple[tuple[int, int], ...]
    files: tuple[str, ...]
    address: str
    is_joined: bool = False
    scale: float = 1.0


def _noto(name: str) -> tuple[tuple[str, ...], str]:
    files = (f"NotoSans{name}-Regular.ttf", f"NotoSans{name}-Regular.otf", f"NotoSans{name}[wdth,wght].ttf")
    return files, f"{_NOTO}/NotoSans{name}/hinted/ttf/NotoSans{name}-Regular.ttf"


def _indic(title: str, name: str, ranges: tuple[tuple[int, int], ...]) -> Script:
    files, address = _noto(name)
    return Script(title, ranges, (*files, "Nirmala.ttf", "Nirmala.ttc", "Arial Unicode.ttf"), address, True, 1.2)


_HAN = (
    *("NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", "NotoSansSC-Regular.otf", "NotoSansSC[wght].ttf"),
    *("SourceHanSansSC-Regular.otf", "wqy-microhei.ttc", "wqy-zenhei.ttc", "DroidSansFallbackFull.ttf"),
    *("DroidSansFallback.ttf", "msyh.ttc", "PingFang.ttc", "Hiragino Sans GB.ttc", "Arial Unicode.ttf"),
)
_WIDE = ("DejaVuSans.ttf", "FreeSans.ttf", "segoeui.ttf", "Arial.ttf", "arial.ttf", "Arial Unicode.ttf")

SCRIPTS = (
    Script(
        "Emoji",
        ((0x2600, 0x27BF), (0x2B50, 0x2B55), (0x1F000, 0x1FAFF)),
        (
            *("Twemoji.Mozilla.ttf", "TwemojiMozilla.ttf", "twemoji.ttf", "seguiemj.ttf", "OpenMoji-Color.ttf"),
            *("NotoEmoji-Regular.ttf", "NotoEmoji[wght].ttf", "Symbola.ttf", "Symbola_hint.ttf", "DejaVuSans.ttf"),
        ),
        _EMOJI,
    ),
    Script(
        "Symbols",
        ((0x2100, 0x25FF), (0x27C0, 0x2B4F), (0x2B56, 0x2BFF), (0x1D400, 0x1D7FF)),
        ("NotoSansSymbols2-Regular.ttf", "DejaVuSans.ttf", "seguisym.ttf", "Apple Symbols.ttf", "Symbola.ttf"),
        f"{_NOTO}/NotoSansSymbols2/hinted/ttf/NotoSansSymbols2-Regular.ttf",
    ),
    Script("Chinese", ((0x2E80, 0x303F), (0x3400, 0x9FFF), (0xF900, 0xFAFF), (0xFE30, 0xFE4F), (0xFF00, 0xFF60),
                       (0x20000, 0x3134F)), _HAN, _NOTO_CJK, scale=1.2),
    Script("Japanese", ((0x3040, 0x30FF), (0x31F0, 0x31FF), (0xFF61, 0xFF9F)),
           ("NotoSansJP-Regular.otf", *_HAN[:4], "YuGothM.ttc", "msgothic.ttc", *_HAN[4:]), _NOTO_CJK, scale=1.2),
    Script("Korean", ((0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7AF)),
           ("NotoSansKR-Regular.otf", *_HAN[:4], "malgun.ttf", "AppleSDGothicNeo.ttc", "NanumGothic.ttf", *_HAN[4:]),
           _NOTO_CJK, scale=1.2),
    Script("Arabic", ((0x0600, 0x06FF), (0x0750, 0x077F), (0x08A0, 0x08FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFF)),
           (*_noto("Arabic")[0], *_WIDE), _noto("Arabic")[1], scale=1.5),
    Script("Hebrew", ((0x0590, 0x05FF), (0xFB1D, 0xFB4F)), (*_noto("Hebrew")[0], *_WIDE),
           _noto("Hebrew")[1], scale=1.2),
    Script("Armenian", ((0x0530, 0x058F),), (*_noto("Armenian")[0], *_WIDE), _noto("Armenian")[1]),
    Script("Georgian", ((0x10A0, 0x10FF), (0x1C90, 0x1CBF)), (*_noto("Georgian")[0], *_WIDE), _noto("Georgian")[1]),
    Script("Thai", ((0x0E00, 0x0E7F),), (*_noto("Thai")[0], "leelawui.ttf", "Thonburi.ttc"), _noto("Thai")[1], True),
    _indic("Devanagari", "Devanagari", ((0x0900, 0x097F), (0xA8E0, 0xA8FF))),
    _indic("Bengali", "Bengali", ((0x0980, 0x09FF),)),
    _indic("Gurmukhi", "Gurmukhi", ((0x0A00, 0x0A7F),)),
    _indic("Gujarati", "Gujarati", ((0x0A80, 0x0AFF),)),
    _indic("Tamil", "Tamil", ((0x0B80, 0x0BFF),)),
    _indic("Telugu", "Telugu", ((0x0C00, 0x0C7F),)),
    _indic("Kannada", "Kannada", ((0x0C80, 0x0CFF),)),
    _indic("Malayalam", "Malayalam", ((0x0D00, 0x0D7F),)),
)  # fmt: skip
BY_NAME = {script.name: script for script in SCRIPTS}
_STARTS = sorted((first, last, script.name) for script in SCRIPTS for first, last in script.ranges)
_FIRSTS = [row[0] for row in _STARTS]


def scripts_in(text: str) -> frozenset[str]:
    """The names of the scripts that *text* has letters of. Linear; a text of plain Latin costs next to nothing."""
    if text.isascii():
        return frozenset()
    return frozenset(name for letter in set(text) if letter >= _PLAIN and (name := _script_of(ord(letter))))


def _script_of(code: int) -> str:
    at = bisect_right(_FIRSTS, code) - 1
    return _STARTS[at][2] if at >= 0 and code <= _STARTS[at][1] else ""
