"""Which letters some bytes are: UTF-8 where they can be, else what is said of them, else what they look like."""

import codecs
import re

from charset_normalizer import from_bytes

LIKELY = ("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "shift_jis", "gb18030", "big5", "euc_kr", "cp852", "cp850")
SAMPLE = 20_000
"""Bytes that are looked at, those that are no ASCII first."""
_FOREIGN_LINE = re.compile(rb"[^\n]{0,200}[\x80-\xff][^\n]{0,200}")


def is_wide(content: bytes) -> bool:
    """Whether every letter has two bytes or four: by its mark, or by the zeros in plain letters."""
    if content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return True
    start = content[:200]
    return len(start) >= 8 and start.count(0) * 5 >= len(start) * 2


def decoded(content: bytes, declared: str | None = None) -> tuple[str, str]:
    """The text, and the name of the code page where it is no Unicode (empty where it is).

    `declared`: the code page that somebody says it is in; it counts where the bytes are not UTF-8 and can be that. A
    mark of order is left out.
    """
    if is_wide(content):
        return _wide(content), ""
    try:
        return content.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        pass
    if declared is not None and (text := _as(content, declared)) is not None:
        return text, codecs.lookup(declared).name
    if _is_utf8_with_faults(content):
        return content.decode("utf-8-sig", "replace"), "UTF-8 with broken letters"
    for name in (_guess(content), "cp1252"):
        text = _as(content, name) if name else None
        if text is not None and name:
            return text, name
    return content.decode("cp1252", "replace"), "cp1252"


def known(name: str) -> bool:
    """Whether there is a code page of this name."""
    try:
        return bool(codecs.lookup(name)._is_text_encoding)
    except (LookupError, ValueError):
        return False


def _as(content: bytes, name: str) -> str | None:
    if not known(name):
        return None
    try:
        return content.decode(name)
    except (UnicodeDecodeError, UnicodeError):
        return None


def _wide(content: bytes) -> str:
    for mark, name in (
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if content.startswith(mark):
            return content[len(mark) :].decode(name, "replace")
    return content.decode("utf-16-be" if content[:1] == b"\0" else "utf-16-le", "replace")


def _is_utf8_with_faults(content: bytes) -> bool:
    """Whether most of what is no ASCII is UTF-8: then single bytes are broken, and no other code page is meant."""
    foreign = b"\n".join(_FOREIGN_LINE.findall(content[:1_000_000]))[:SAMPLE]
    text = foreign.decode("utf-8", "replace")
    letters = sum(one > "\x7f" and one != "�" for one in text)
    return letters > 2 * text.count("�")


def _guess(content: bytes) -> str | None:
    foreign = b"\n".join(_FOREIGN_LINE.findall(content[:1_000_000]))[:SAMPLE]
    best = from_bytes(foreign, cp_isolation=list(LIKELY), preemptive_behaviour=False).best()
    return best.encoding if best is not None else None
