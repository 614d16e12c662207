"""A PDF looked at by its content: whole, and without anything that acts when it is opened.

The file is scanned, not parsed: a parser of hostile PDFs would be one more thing to attack.
Objects hidden in compressed streams are unpacked up to a limit and scanned too.
"""

from __future__ import annotations

import re
import zlib

MAX_UNPACKED = 32 * 1024 * 1024
TAIL = 2048
# Names that make a reader run, open, send or unpack something (ISO 32000-2, 12.6 and 7.11.4).
ACTIVE = re.compile(
    rb"/(JavaScript|JS|Launch|EmbeddedFiles?|SubmitForm|ImportData|RichMedia|XFA|GoToR|GoToE|Encrypt)(?![A-Za-z0-9])"
)
STREAM = re.compile(rb"stream\r?\n")
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")


class NotADocument(ValueError):
    """No whole PDF."""


class ActsOnOpening(ValueError):
    """A PDF with scripts, attachments, actions or a password."""


def check(content: bytes) -> None:
    """Raise NotADocument or ActsOnOpening; a document that passes is kept as it came."""
    if not re.match(rb"%PDF-[12]\.\d", content) or b"%%EOF" not in content[-TAIL:]:
        raise NotADocument
    if _acts(content):
        raise ActsOnOpening
    left = MAX_UNPACKED
    for found in STREAM.finditer(content):
        unpacker = zlib.decompressobj()
        try:
            plain = unpacker.decompress(content[found.end() :], left)
        except zlib.error:
            continue
        left -= len(plain)
        if left <= 0:
            raise NotADocument
        if _acts(plain):
            raise ActsOnOpening


def _acts(part: bytes) -> bool:
    """Names may be spelled with escapes (``/J#53``): they are undone before looking."""
    if ACTIVE.search(part):
        return True
    return b"#" in part and ACTIVE.search(ESCAPED.sub(lambda m: bytes([int(m.group(1), 16)]), part)) is not None
