"""Decoding a file: its encoding, and which files aren't text."""

import re
from collections.abc import Iterator

from bot.language import _

COMPRESSED_STARTS = (
    *(b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"7z\xbc\xaf\x27\x1c", b"Rar!"),
    b"\x28\xb5\x2f\xfd",
)
MEDIA_STARTS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")
"""The first bytes of compressed files, and of pictures and recordings."""

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

ENCODING_NAMES = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
    "cp1252": "Windows-1252",
    "cp1250": "Windows-1250",
    "cp1251": "Windows-1251",
    "cp1253": "Windows-1253",
    "cp1254": "Windows-1254",
    "cp949": "EUC-KR",
    "cp932": "Shift_JIS",
    "gb18030": "GB18030",
    "big5": "Big5",
    "latin_1": "Latin-1",
}
"""What messages call the encodings, by Python's names."""

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
    if message := _describe_binary(content):
        raise ValueError(message)
    marked = (name for mark, name in BYTE_ORDER_MARKS.items() if content.startswith(mark))
    text, encoding = _decode(content, next(marked, None) or _detect_utf16(content) or "utf-8")
    if (nul := text.find("\0")) >= 0:
        line = str(line_number_at(text, nul))
        raise ValueError(_("It isn't a text file: line {line} contains a zero byte.", line=line))
    if _MARKUP.match(text):
        raise ValueError(_("It's a web page or XML; download the data file itself."))
    return _INNER_MARK.sub("", text.removeprefix("\ufeff")), encoding


def line_number_at(text: str, position: int) -> int:
    """Return the number of the line that a position is in, as editors count."""
    before = text[:position]
    return 1 + before.count("\n") + before.count("\r") - before.count("\r\n")


def iterate_lines(text: str, start: int = 0) -> Iterator[str]:
    """Yield the lines of a text with their ends, which may differ, without copying the text."""
    return (line[0] for line in _LINE.finditer(text, start))


def _describe_binary(content: bytes) -> str | None:
    """Return what to say about a file whose first bytes show that it isn't text."""
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _("It's a ZIP archive or an Excel workbook; unpack it or save it as CSV first.")
    if content.startswith(COMPRESSED_STARTS):
        return _("It's a compressed file; unpack it first.")
    if content.startswith(b"%PDF"):
        return _("It's a PDF, not a text file.")
    if content.startswith(MEDIA_STARTS):
        return _("It's a picture or a recording, not a text file.")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        return _("It's an Excel workbook; save it as CSV first.")
    if content.startswith(b"{\\rtf"):
        return _("It's a formatted document; save it as plain text first.")
    if content.startswith(b"SQLite format 3"):
        return _("It's a database; export the people as CSV first.")
    return None


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
            message = _(
                "Line {line} contains bytes that aren't valid {encoding}.",
                line=str(line_number_at(before, len(before))),
                encoding=ENCODING_NAMES[encoding],
            )
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
    for _chaos, _coherence, index in ranked:
        encoding = LEGACY_ENCODINGS[index]
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise ValueError(_("Its text encoding is unknown; save it as UTF-8."))
