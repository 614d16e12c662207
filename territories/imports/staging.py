"""Checks an untrusted boundary file by size, name and first bytes, and lays a clean private copy to read from.

Standard library only. Everything here happens before any map library sees a byte: extension and content must
agree (ASVS 5.2.2), a zip is measured before and while it is unpacked (5.2.3), and what is unpacked gets a name
of ours, so `../` in a member's name leads nowhere (5.3.2).
"""

import codecs
import struct
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

# How the reading process begins each record: length of its header in JSON, length of its shape in WKB.
FRAME = struct.Struct("!II")
MEGABYTE = 1_000_000
CHUNK = 1 << 20
HEAD = 4096
SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
# A point file compresses about 20 to 1 and a table of blanks about 60 to 1; the bomb tried was 1,000 to 1.
ZIP_RATIO, ZIP_RATIO_FROM = 150, 20 * MEGABYTE
# Byte 29 of a .dbf names its code page: nothing said, DOS US, DOS Latin-1 and ANSI are all written by programs
# that in truth wrote UTF-8 or Windows-1252. Any other value is believed.
DBF_LANGUAGE_BYTE, DBF_VAGUE = 29, {0x00, 0x57}


class Refusal(Exception):
    """The whole file is refused: the code of a sentence of `sentences.UNREADABLE`, its figures and a reason.

    `reason` is one of the reasons of `import-units --json`: `no_crs`, `no_geometry`, `invalid` or `format`.
    """

    def __init__(self, code: str, /, *, reason: str = "format", **figures: object):
        self.code, self.reason, self.figures = code, reason, figures
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one import may take; the file limits are checked here, the rest by the reading process.

    ``vertices`` are those of one figure: mending a ring takes more than its share of memory and time as it grows.
    """

    file_bytes: int = 100 * MEGABYTE
    unpacked_bytes: int = 300 * MEGABYTE
    members: int = 64
    features: int = 200_000
    vertices: int = 1_000_000
    memory_bytes: int = 2_000 * MEGABYTE
    cpu_seconds: int = 240
    wall_seconds: int = 300


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A checked private copy: `format` is geojson, gpkg, shapefile or kml; `encoding` only for shapefiles."""

    path: Path
    format: str
    encoding: str | None = None
    declares_crs: bool = True
    notes: tuple[str, ...] = field(default=())


def stage(source: Path, into: Path, limits: Limits, *, layer: str | None = None) -> StagedFile:
    """Check `source` and copy it into the empty folder `into`; raises Refusal."""
    if not source.is_file():
        raise Refusal("not_found", name=source.name)
    size = source.stat().st_size
    if size == 0:
        raise Refusal("empty")
    if size > limits.file_bytes:
        raise Refusal("too_big", size=round(size / MEGABYTE), limit=limits.file_bytes // MEGABYTE)
    extension = source.suffix.lower()
    match extension:
        case ".geojson" | ".json" | ".topojson":
            return _stage_geojson(source, into, extension)
        case ".gpkg":
            return _stage_geopackage(source, into)
        case ".kml":
            return _stage_kml(source, into)
        case ".zip":
            return _stage_shapefile(source, into, limits, layer)
        case ".shp" | ".dbf" | ".shx":
            raise Refusal("bare_shapefile")
        case ".kmz":
            raise Refusal("kmz")
    raise Refusal("extension", extension=extension or source.name)


def _stage_geojson(source: Path, into: Path, extension: str) -> StagedFile:
    if not _head(source).startswith(b"{"):
        raise Refusal("content", extension=extension)
    return StagedFile(_copy(source, into / "source.geojson"), "geojson")


def _stage_geopackage(source: Path, into: Path) -> StagedFile:
    if not _head(source).startswith(b"SQLite format 3\0"):
        raise Refusal("content", extension=".gpkg")
    return StagedFile(_copy(source, into / "source.gpkg"), "gpkg")


def _stage_kml(source: Path, into: Path) -> StagedFile:
    head = _head(source)
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or b"\0" in head:
        raise Refusal("text_encoding")
    if not head.startswith(b"<") or b"<kml" not in head:
        raise Refusal("content", extension=".kml")
    tail = b""
    with source.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            window = (tail + chunk).lower()
            if b"<!doctype" in window or b"<!entity" in window:
                raise Refusal("entities")
            tail = chunk[-16:]
    return StagedFile(_copy(source, into / "source.kml"), "kml")


def _stage_shapefile(source: Path, into: Path, limits: Limits, layer: str | None) -> StagedFile:
    if not _head(source).startswith(b"PK"):
        raise Refusal("content", extension=".zip")
    try:
        with zipfile.ZipFile(source) as archive:
            parts = _shapefile_parts(archive, limits, layer)
            for suffix, member in parts.items():
                _unpack(archive, member, into / f"source{suffix}", limits)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        raise Refusal("bad_zip") from None
    notes = [f"no_{suffix[1:]}" for suffix in (".dbf", ".shx") if suffix not in parts]
    encoding, transcoded = _table_encoding(into / "source.dbf", into / "source.cpg")
    if transcoded:
        notes.append("transcoded")
    # We have settled the encoding; a .cpg left beside would be applied a second time.
    (into / "source.cpg").unlink(missing_ok=True)
    return StagedFile(into / "source.shp", "shapefile", encoding=encoding, declares_crs=".prj" in parts, notes=tuple(notes))


def _shapefile_parts(archive: zipfile.ZipFile, limits: Limits, layer: str | None) -> dict[str, zipfile.ZipInfo]:
    """The members of the one shapefile wanted, by suffix, after the whole archive was measured."""
    members = archive.infolist()
    if len(members) > limits.members:
        raise Refusal("zip_members", count=len(members), limit=limits.members)
    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    if unpacked > limits.unpacked_bytes or (unpacked > ZIP_RATIO_FROM and unpacked / packed > ZIP_RATIO):
        raise Refusal("zip_bomb", limit=limits.unpacked_bytes // MEGABYTE)
    shapefiles: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for member in members:
        name = member.filename.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/"):
            raise Refusal("zip_names")
        if name.startswith("__MACOSX/") or member.is_dir():
            continue
        stem, _, suffix = name.rpartition(".")
        if f".{suffix.lower()}" in SHAPEFILE_PARTS:
            shapefiles.setdefault(stem.lower(), {})[f".{suffix.lower()}"] = member
    layers = {stem.rpartition("/")[2]: parts for stem, parts in shapefiles.items() if ".shp" in parts}
    if not layers:
        raise Refusal("zip_no_shapefile")
    if layer is not None:
        if layer.lower() not in layers:
            raise Refusal("no_such_layer", layer=layer, layers=", ".join(sorted(layers)))
        return layers[layer.lower()]
    if len(layers) > 1:
        raise Refusal("layers", layers=", ".join(sorted(layers)))
    return next(iter(layers.values()))


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, limits: Limits) -> None:
    """Write one member, counting the bytes that come out: the size a zip declares may be a lie."""
    written = 0
    with archive.open(member) as packed, target.open("wb") as out:
        while chunk := packed.read(CHUNK):
            written += len(chunk)
            if written > limits.unpacked_bytes:
                raise Refusal("zip_bomb", limit=limits.unpacked_bytes // MEGABYTE)
            out.write(chunk)


def _table_encoding(table: Path, codepage: Path) -> tuple[str | None, bool]:
    """The encoding of a .dbf, and whether it was taken for Windows-1252 against what was declared.

    A .cpg is believed unless it says UTF-8 and the bytes are not. Without one, bytes that are UTF-8 are UTF-8
    (Latin-1 text almost never is by accident) and the rest is Windows-1252, which contains Latin-1's letters.
    None leaves the choice to the code page written in the table.
    """
    if not table.exists():
        return None, False
    declared = None
    if codepage.exists():
        declared = _codec(codepage.read_text(encoding="ascii", errors="replace").strip())
        if declared and declared != "utf-8":
            return ("cp1252" if declared == "iso8859-1" else declared), False
    with table.open("rb") as stream:
        header = stream.read(32)
        if declared is None and len(header) == 32 and header[DBF_LANGUAGE_BYTE] not in DBF_VAGUE:
            return None, False
        # The rows begin at the byte the header names; the binary counts before it are not text.
        stream.seek(int.from_bytes(header[8:10], "little"))
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while chunk := stream.read(CHUNK):
                decoder.decode(chunk)
        except UnicodeDecodeError:
            return "cp1252", declared is not None
    return "utf-8", False


def _codec(name: str) -> str | None:
    """Python's name for the code page a .cpg names ("1252", "ANSI 1252", "UTF-8", "ISO-8859-1", "88591")."""
    plain = name.lower().replace("ansi", "").strip(" -_")
    for candidate in (plain, f"cp{plain}", {"88591": "iso8859-1"}.get(plain, "")):
        try:
            return codecs.lookup(candidate).name
        except LookupError:
            continue
    return None


def _head(source: Path) -> bytes:
    with source.open("rb") as stream:
        return stream.read(HEAD).removeprefix(codecs.BOM_UTF8).lstrip()


def _copy(source: Path, target: Path) -> Path:
    with source.open("rb") as stream, target.open("wb") as out:
        while chunk := stream.read(CHUNK):
            out.write(chunk)
    return target
