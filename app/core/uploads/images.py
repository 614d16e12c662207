"""A photo made anew from its pixels: nothing else of the file survives, GPS and camera included."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_PIXELS = 40_000_000
LONG_SIDE = 1600
QUALITY = 82
SMALL_SIDE, SMALL_QUALITY = 320, 60


class NotAPhoto(ValueError):
    """The content is no JPEG, PNG or WebP that opens."""


class TooManyPixels(ValueError):
    """Small as a file, huge once unpacked."""


def reencode(content: bytes) -> bytes:
    """A JPEG, upright, at most 1600 px on its long side, without metadata.

    The size is read from the header before a single pixel is unpacked: a few kilobytes of PNG can
    ask for gigabytes. Raises NotAPhoto, TooManyPixels.
    """
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise TooManyPixels
            image.draft("RGB", (LONG_SIDE, LONG_SIDE))
            image.load()
            upright = ImageOps.exif_transpose(image)
    except TooManyPixels:
        raise
    except Image.DecompressionBombError as bomb:
        raise TooManyPixels from bomb
    except (OSError, SyntaxError, ValueError, EOFError) as broken:
        raise NotAPhoto from broken
    upright.thumbnail((LONG_SIDE, LONG_SIDE))
    # Pasted onto a fresh canvas: saving the opened image would carry its comment along.
    canvas = Image.new("RGB", upright.size, "white")
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        clear = upright.convert("RGBA")
        canvas.paste(clear, mask=clear.getchannel("A"))
    else:
        canvas.paste(upright.convert("RGB"))
    stream = BytesIO()
    canvas.save(stream, "JPEG", quality=QUALITY, optimize=True)
    return stream.getvalue()


def small(content: bytes) -> bytes:
    """A kept photo for a list: at most 320 px on its long side, some 10 kB. ``content`` is what ``reencode`` made."""
    with Image.open(BytesIO(content), formats=("JPEG",)) as image:
        image.draft("RGB", (SMALL_SIDE, SMALL_SIDE))
        image.thumbnail((SMALL_SIDE, SMALL_SIDE))
        stream = BytesIO()
        image.save(stream, "JPEG", quality=SMALL_QUALITY, optimize=True)
    return stream.getvalue()
