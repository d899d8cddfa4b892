"""Bytes of an uploaded file become text, or a sentence why they cannot."""

import codecs

# As the page offers them; the first that fits a file without a mark is taken.
ENCODINGS = {
    "utf-8-sig": "Unicode (UTF-8)",
    "utf-16": "Unicode (UTF-16)",
    "utf-16-le": "Unicode (UTF-16, little-endian)",
    "utf-16-be": "Unicode (UTF-16, big-endian)",
    "cp1252": "Western (Windows-1252)",
    "iso8859-15": "Western (ISO 8859-15)",
    "cp1250": "Central European (Windows-1250)",
    "cp1251": "Cyrillic (Windows-1251)",
    "shift_jis": "Japanese (Shift JIS)",
    "gb18030": "Chinese (GB 18030)",
}
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# What is no text begins like this: a workbook or any other archive is never unpacked here.
_FOREIGN = (
    (b"PK\x03\x04", "a workbook or an archive"),
    (b"PK\x05\x06", "an archive"),
    (b"\xd0\xcf\x11\xe0", "an old workbook"),
    (b"\x1f\x8b", "a compressed file"),
    (b"BZh", "a compressed file"),
    (b"\xfd7zXZ", "a compressed file"),
    (b"7z\xbc\xaf", "an archive"),
    (b"Rar!", "an archive"),
    (b"%PDF", "a PDF"),
)
_LOOKED_AT = 4096


class UnreadableFileError(Exception):
    """The file as a whole cannot be read; the message is for the member."""


def require_text(content: bytes) -> None:
    """Raises UnreadableFileError for an empty file and for what is known not to be text."""
    if not content.strip(b"\x00 \t\r\n"):
        raise UnreadableFileError("The file is empty.")
    for beginning, what in _FOREIGN:
        if content.startswith(beginning):
            raise UnreadableFileError(f"This is {what}: save it as CSV and upload that.")


def encoding_of(content: bytes) -> str:
    """A mark at the beginning decides; then where the zero bytes lie, then whether UTF-8 fits; else Windows-1252."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding
    beginning = content[:_LOOKED_AT]
    even, odd = beginning[0::2].count(0), beginning[1::2].count(0)
    if max(even, odd) * 4 > len(beginning):
        return "utf-16-be" if even > odd else "utf-16-le"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def text_of(content: bytes, encoding: str) -> str:
    """With one kind of line end. Raises UnreadableFileError where the encoding does not fit."""
    require_text(content)
    try:
        text = content.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        words = ENCODINGS.get(encoding, encoding)
        raise UnreadableFileError(f"The file is not written in {words}: choose another encoding.") from error
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
