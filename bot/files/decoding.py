"""Bytes as text: in which encoding, and what is no text."""

import re
from collections.abc import Iterator

from bot import sentences

BINARY = {
    b"PK\x03\x04": sentences.files.ZIP,
    b"PK\x05\x06": sentences.files.ZIP,
    b"\x1f\x8b": sentences.files.COMPRESSED,
    b"BZh": sentences.files.COMPRESSED,
    b"\xfd7zXZ\x00": sentences.files.COMPRESSED,
    b"7z\xbc\xaf\x27\x1c": sentences.files.COMPRESSED,
    b"Rar!": sentences.files.COMPRESSED,
    b"\x28\xb5\x2f\xfd": sentences.files.COMPRESSED,
    b"%PDF": sentences.files.PDF,
    b"\x89PNG": sentences.files.PICTURE,
    b"\xff\xd8\xff": sentences.files.PICTURE,
    b"GIF8": sentences.files.PICTURE,
    b"RIFF": sentences.files.PICTURE,
    b"\xd0\xcf\x11\xe0": sentences.files.OLD_EXCEL,
    b"{\\rtf": sentences.files.RICH_TEXT,
    b"SQLite format 3": sentences.files.DATABASE,
}
"""How files begin that are no text, and what they are."""

MARKS = {
    b"\xef\xbb\xbf": "utf-8",
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
"""The byte order marks, the longer before what they begin with."""

LEGACY = (
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254"),
    *("cp949", "cp932", "gb18030", "big5", "latin_1"),
)
"""What spreadsheets and editors still write; of two that fit as well, the first is taken."""

SAMPLE = 64 * 1024  # bytes, of lines that are not ASCII, by which a legacy encoding is told
_BYTE_LINE = re.compile(rb"[^\r\n]+")
_LINE = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n)|[^\r\n]++")
_MISREAD = re.compile(r"\w[¹³¼¾£¥¿]|[¹³¿]\w")
"""The commonest letters of Polish, read in the encoding of Western Europe."""

_PAGE = re.compile(r"\s*<(!doctype|!--|\?xml|[a-z]+[\s>])", re.IGNORECASE)
_JOINT = re.compile("(?<=[\r\n])\ufeff")
"""The mark of a file that was put behind another."""


def decode(content: bytes) -> tuple[str, str]:
    """The text of a file, and its encoding as Python calls it. Raises ValueError, which says why
    there is none."""
    for start, what in BINARY.items():
        if content.startswith(start):
            raise ValueError(what)
    encoding = next((name for mark, name in MARKS.items() if content.startswith(mark)), None)
    text, encoding = _decode(content, encoding or _unmarked_utf16(content) or "utf-8")
    if (nul := text.find("\0")) >= 0:
        raise ValueError(sentences.files.nul(line_number_at(text, nul)))
    if _PAGE.match(text):
        raise ValueError(sentences.files.PAGE)
    return _JOINT.sub("", text.removeprefix("\ufeff")), encoding


def line_number_at(text: str, position: int) -> int:
    """The number of the line in which a position of a text is, as an editor counts."""
    before = text[:position]
    return 1 + before.count("\n") + before.count("\r") - before.count("\r\n")


def iterate_lines(text: str, start: int = 0) -> Iterator[str]:
    """The lines of a text with their ends, which may differ; none is copied before its turn."""
    return (line[0] for line in _LINE.finditer(text, start))


def _unmarked_utf16(content: bytes) -> str | None:
    """UTF-16 by the zeros of its ASCII characters, which are every other byte."""
    even, odd = content[:SAMPLE:2].count(0), content[1:SAMPLE:2].count(0)
    if max(even, odd) * 4 <= min(len(content), SAMPLE) or min(even, odd) * 20 > max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _decode(content: bytes, encoding: str) -> tuple[str, str]:
    try:
        return content.decode(encoding), encoding
    except UnicodeDecodeError as error:
        if encoding != "utf-8" or content.startswith(b"\xef\xbb\xbf") or _is_damaged_utf8(content):
            before = content[: error.start].decode(encoding, "replace")
            line = line_number_at(before, len(before))
            raise ValueError(sentences.files.damaged(_shown(encoding), line)) from error
        return _decode_legacy(content)


def _is_damaged_utf8(content: bytes) -> bool:
    """Whether the text is UTF-8 but for a few bytes; other encodings hardly ever look like it."""
    try:
        content.decode(errors="surrogatepass")
        return True
    except UnicodeDecodeError:
        text = _sample(content).decode(errors="replace")
    bad = text.count("\ufffd")
    return sum(not character.isascii() for character in text) - bad > 2 * bad


def _sample(content: bytes) -> bytes:
    """The first lines that are not ASCII."""
    sample = b""
    for line in _BYTE_LINE.finditer(content):
        if not line[0].isascii():
            sample += line[0] + b"\n"
        if len(sample) >= SAMPLE:
            break
    return sample[:SAMPLE]


def _decode_legacy(content: bytes) -> tuple[str, str]:
    from charset_normalizer import from_bytes  # only a few files need it

    matches = from_bytes(_sample(content), cp_isolation=list(LEGACY))
    ranked = sorted(
        (
            (round(match.chaos, 2) + 0.1 * bool(_MISREAD.search(str(match)))),
            -round(match.coherence, 1),
            LEGACY.index(encoding),
        )
        for match in matches
        for encoding in match.could_be_from_charset
    )
    for *_, number in ranked:
        try:
            return content.decode(LEGACY[number]), LEGACY[number]
        except UnicodeDecodeError:
            continue
    raise ValueError(sentences.files.NO_ENCODING)


def _shown(encoding: str) -> str:
    return sentences.files.ENCODINGS[encoding]
