"""The text of a transcript out of its bytes, and the plain words out of a cue's markup."""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from html import unescape

CONTROL_BYTES = bytes({*range(0x20), 0x7F} - set(b"\t\n\r"))
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]+")
BLANK = "".join(
    map(chr, [0x0A, 0x20, 0xA0, 0x1680, *range(0x2000, 0x200C), 0x2028, 0x2029, 0x202F, 0x205F, 0x2060, 0x3000])
)
LINE_END = re.compile(r"(?<! ) +$", re.M)
BREAK = re.compile(r"<br ?/?>", re.I)
TAG = re.compile(
    r"</?(?:c|i|b|u|s|v|ruby|rt|rp|lang|font|span|em|strong|p|div)(?:[.\s/][^<>]*)?>"  # WebVTT's, and HTML's in SRT
    r"|<[0-9:.]+>"  # karaoke time stamps
    r"|\{\\[^{}\n]*\}",  # SubStation effects
    re.I,
)
ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")


def decoded(raw: bytes) -> str:
    """The text with line feeds as line ends, no spaces before them and no other control character."""
    if raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        text = raw.decode("utf-16", "replace")
    else:
        text = from_utf8(raw.removeprefix(BOM_UTF8))
    # Two quick looks spare most files the slow search: at the bytes if all are ASCII, else at the characters.
    ascii_only = text.isascii() and len(raw.translate(None, CONTROL_BYTES)) == len(raw)
    if not (ascii_only or text.replace("\n", "").isprintable()):
        text = CONTROL.sub("", text)
    if "\r" in text:
        text = text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\t", " ")
    return LINE_END.sub("", text) if " \n" in text else text


def from_utf8(raw: bytes) -> str:
    """Damaged UTF-8 keeps its sound characters; bytes with no sound one but ASCII are taken for Windows' code page."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        repaired = raw.decode(errors="replace")
        return raw.decode("cp1252", "replace") if repaired.replace("\ufffd", "").isascii() else repaired


def plain(text: str) -> str:
    """
    >>> plain("<i>Q&amp;A</i><br>at 5 &lt; 6")
    'Q&A\\nat 5 < 6'
    """
    if "<" in text or "{" in text:
        text = TAG.sub("", BREAK.sub("\n", text))
    if "&" in text:
        text = ENTITY.sub(lambda entity: unescape(entity[0]), text)
        text = CONTROL.sub("", text.replace("\r", "\n").replace("\t", " "))
    if "\n" in text:
        text = "\n".join(filter(None, (line.strip(" ") for line in text.split("\n"))))
    return text.strip(BLANK)
