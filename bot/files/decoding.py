"""Decoding a file: its encoding, and which files aren't text."""

import re
from collections.abc import Iterator

from bot import sentences

BINARY_FORMATS = {
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
"""The first bytes of files that aren't text, and what to say about them."""

BYTE_ORDER_MARKS = {
    b"\xef\xbb\xbf": "utf-8",
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
"""A longer mark comes before the shorter one that it begins with."""

LEGACY_ENCODINGS = (
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254"),
    *("cp949", "cp932", "gb18030", "big5", "latin_1"),
)
"""Encodings that spreadsheets and editors still write. If several fit, the first wins."""

SAMPLE_SIZE = 64 * 1024  # bytes, of lines with characters other than ASCII
_BYTE_LINE = re.compile(rb"[^\r\n]+")
_LINE = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n)|[^\r\n]++")
_MISREAD_POLISH = re.compile(r"\w[¹³¼¾£¥¿]|[¹³¿]\w")
"""The commonest letters of Polish, decoded as Western European."""

_MARKUP = re.compile(r"\s*<(!doctype|!--|\?xml|[a-z]+[\s>])", re.IGNORECASE)
_INNER_MARK = re.compile("(?<=[\r\n])\ufeff")
"""The byte order mark of a file that was appended to another."""


def decode(content: bytes) -> tuple[str, str]:
    """Return the text of a file and Python's name of its encoding. Raises ValueError if the file
    isn't text."""
    for start, message in BINARY_FORMATS.items():
        if content.startswith(start):
            raise ValueError(message)
    marked = (name for mark, name in BYTE_ORDER_MARKS.items() if content.startswith(mark))
    text, encoding = _decode(content, next(marked, None) or _detect_utf16(content) or "utf-8")
    if (nul := text.find("\0")) >= 0:
        raise ValueError(sentences.files.nul(line_number_at(text, nul)))
    if _MARKUP.match(text):
        raise ValueError(sentences.files.PAGE)
    return _INNER_MARK.sub("", text.removeprefix("\ufeff")), encoding


def line_number_at(text: str, position: int) -> int:
    """Return the number of the line that a position is in, as editors count."""
    before = text[:position]
    return 1 + before.count("\n") + before.count("\r") - before.count("\r\n")


def iterate_lines(text: str, start: int = 0) -> Iterator[str]:
    """Yield the lines of a text with their ends, which may differ, without copying the text."""
    return (line[0] for line in _LINE.finditer(text, start))


def _detect_utf16(content: bytes) -> str | None:
    """Detect UTF-16 without a mark: every other byte of its ASCII characters is zero."""
    even, odd = content[:SAMPLE_SIZE:2].count(0), content[1:SAMPLE_SIZE:2].count(0)
    if max(even, odd) * 4 <= min(len(content), SAMPLE_SIZE) or min(even, odd) * 20 > max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _decode(content: bytes, encoding: str) -> tuple[str, str]:
    try:
        return content.decode(encoding), encoding
    except UnicodeDecodeError as error:
        if encoding != "utf-8" or content.startswith(b"\xef\xbb\xbf") or _is_damaged_utf8(content):
            before = content[: error.start].decode(encoding, "replace")
            line = line_number_at(before, len(before))
            message = sentences.files.damaged(sentences.files.ENCODINGS[encoding], line)
            raise ValueError(message) from error
        return _decode_legacy(content)


def _is_damaged_utf8(content: bytes) -> bool:
    """Whether all but a few bytes are UTF-8, which other encodings hardly ever look like."""
    try:
        content.decode(errors="surrogatepass")
        return True
    except UnicodeDecodeError:
        text = _sample(content).decode(errors="replace")
    bad = text.count("\ufffd")
    return sum(not character.isascii() for character in text) - bad > 2 * bad


def _sample(content: bytes) -> bytes:
    """Return the first lines with characters other than ASCII."""
    sample = b""
    for line in _BYTE_LINE.finditer(content):
        if not line[0].isascii():
            sample += line[0] + b"\n"
        if len(sample) >= SAMPLE_SIZE:
            break
    return sample[:SAMPLE_SIZE]


def _decode_legacy(content: bytes) -> tuple[str, str]:
    from charset_normalizer import from_bytes  # only a few files need it

    matches = from_bytes(_sample(content), cp_isolation=list(LEGACY_ENCODINGS))
    # Less chaos wins, then more coherence, in steps that ignore small differences.
    ranked = sorted(
        (
            (round(match.chaos, 2) + 0.1 * bool(_MISREAD_POLISH.search(str(match)))),
            -round(match.coherence, 1),
            LEGACY_ENCODINGS.index(encoding),
        )
        for match in matches
        for encoding in match.could_be_from_charset
    )
    for *_, index in ranked:
        encoding = LEGACY_ENCODINGS[index]
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise ValueError(sentences.files.NO_ENCODING)
