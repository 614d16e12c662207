"""Reads an untrusted boundary file by way of a separate, limited process; this side never loads a map library.

    with open_boundaries(path) as boundaries:
        boundaries.fields, boundaries.crs, boundaries.notes
        for feature in boundaries: ...

Features come as they are read, in EPSG:4326, already flat, valid MultiPolygons, so that memory does not grow with
the file on this side of the pipe.
"""

import dataclasses
import hashlib
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from shapely import MultiPolygon

from territories.imports.sentences import NOTE, PROBLEM, REPAIR, UNREADABLE, say
from territories.imports.staging import CHUNK, FRAME, Limits, Refusal, stage

__all__ = ["Boundaries", "Limits", "Problem", "SourceFeature", "UnreadableFile", "open_boundaries"]

log = logging.getLogger(__name__)

LONGEST_HEADER, LONGEST_SHAPE = 4_000_000, 256_000_000
# Every driver pyogrio's wheel brings but the five we read; the process checks, and adds what a newer one brings.
SKIPPED_DRIVERS = (
    "MEM,PCIDSK,PDS4,VICAR,PDF,MBTiles,EEDA,OGCAPI,GDALG,MapInfo File,LVBAG,S57,DGN,OGR_VRT,CSV,GML,GPX,GeoJSONSeq,"
    "ESRIJSON,TopoJSON,OGR_GMT,SQLite,WAsP,OpenFileGDB,DXF,FlatGeobuf,GeoRSS,VFK,PGDUMP,OSM,GPSBabel,OGR_PDS,WFS,"
    "OAPIF,EDIGEO,Idrisi,ODS,XLSX,Elasticsearch,Carto,AmigoCloud,SXF,Selafin,JML,PLSCENES,CSW,VDV,MVT,NGW,MapML,GTFS,"
    "PMTiles,JSONFG,MiraMonVector,ADBC,AVCBin,AVCE00,AIVector,HTTP,VRT"
)
ROOT = Path(__file__).resolve().parents[2]


DEFAULT_LIMITS = Limits()


class UnreadableFile(Exception):
    """The whole file is refused. `str(error)` is a sentence for people saying what to do.

    `reason` is one of the reasons of `import-units --json`: `no_crs`, `no_geometry`, `invalid` or `format`.
    """

    def __init__(self, code: str, /, *, reason: str = "format", **figures: object):
        self.code, self.reason = code, reason
        super().__init__(say(UNREADABLE, code, **figures))


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a feature cannot be used: `reason` as in `import-units --json`, `message` for people."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class SourceFeature:
    """One row: `row` counts from 1; attributes are text or None; `shape` is None exactly when `problem` is set."""

    row: int
    attributes: dict[str, str | None]
    shape: MultiPolygon | None
    repairs: tuple[str, ...] = ()
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Boundaries:
    """An open file: what it says of itself, and its features, once, by iterating.

    `crs` is the name of the system it was published in, `sha256` that of the file as given (provenance).
    """

    layer: str
    fields: tuple[str, ...]
    crs: str
    count: int
    notes: tuple[str, ...]
    sha256: str
    _features: Iterator[SourceFeature]

    def __iter__(self) -> Iterator[SourceFeature]:
        return self._features


@contextmanager
def open_boundaries(source: Path | str, *, layer: str | None = None, limits: Limits = DEFAULT_LIMITS) -> Iterator[Boundaries]:
    """Open a GeoJSON, GeoPackage, zipped Shapefile or KML; raises UnreadableFile, also while iterating."""
    source = Path(source)
    with tempfile.TemporaryDirectory(prefix="cuadra-import-") as folder:
        try:
            staged = stage(source, Path(folder), limits, layer=layer)
        except Refusal as refusal:
            raise UnreadableFile(refusal.code, reason=refusal.reason, **refusal.figures) from None
        job = {
            "path": str(staged.path),
            "format": staged.format,
            "encoding": staged.encoding,
            "declares_crs": staged.declares_crs,
            "notes": staged.notes,
            "layer": layer,
            "limits": dataclasses.asdict(limits),
        }
        with _Reading(job, Path(folder), limits) as reading:
            header = reading.header()
            yield Boundaries(
                layer=source.name.split(".")[0] if header["layer"] == "source" else header["layer"],
                fields=tuple(header["fields"]),
                crs=header["crs"],
                count=header["features"],
                notes=tuple(say(NOTE, code, **figures) for code, figures in header["notes"]),
                sha256=_sha256(source),
                _features=reading.features(),
            )


class _Reading:
    """The other process, from its start to its certain end."""

    def __init__(self, job: dict[str, Any], folder: Path, limits: Limits):
        self._job, self._folder, self._limits = job, folder, limits
        self._timed_out = False

    def __enter__(self) -> "_Reading":
        self._complaints = (self._folder / "complaints.txt").open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-s", "-B", "-m", "territories.imports.gdal_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            env=_environment(self._folder),
            cwd=self._folder,
            close_fds=True,
            start_new_session=True,
        )
        self._timer = threading.Timer(self._limits.wall_seconds, self._time_out)
        self._timer.daemon = True
        self._timer.start()
        try:
            self._process.stdin.write(json.dumps(self._job).encode())
            self._process.stdin.close()
        except BrokenPipeError:
            pass  # it ended before reading its job; what it said, or its exit, is told when we read
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._process.kill()
        self._process.stdout.close()
        self._process.wait()
        self._complaints.close()

    def header(self) -> dict[str, Any]:
        header, _ = self._next("layer")
        return header

    def features(self) -> Iterator[SourceFeature]:
        while True:
            header, wkb = self._next("feature", "end")
            if header["type"] == "end":
                return
            problem = header["problem"]
            yield SourceFeature(
                row=header["row"],
                attributes=header["attributes"],
                shape=shapely.from_wkb(wkb) if wkb else None,
                repairs=tuple(say(REPAIR, code, **figures) for code, figures in header["repairs"]),
                problem=_problem(*problem) if problem else None,
            )

    def _next(self, *expected: str) -> tuple[dict[str, Any], bytes]:
        prefix = self._process.stdout.read(FRAME.size)
        if len(prefix) < FRAME.size:
            raise self._death()
        header_length, wkb_length = FRAME.unpack(prefix)
        if header_length > LONGEST_HEADER or wkb_length > LONGEST_SHAPE:
            raise UnreadableFile("damaged", reason="invalid")
        header, wkb = self._process.stdout.read(header_length), self._process.stdout.read(wkb_length)
        if len(header) < header_length or len(wkb) < wkb_length:
            raise self._death()
        record = json.loads(header)
        if record["type"] == "refused" and record["code"] in UNREADABLE:
            raise UnreadableFile(record["code"], reason=record["reason"], **record["figures"])
        if record["type"] not in expected:
            raise UnreadableFile("damaged", reason="invalid")
        return record, wkb

    def _death(self) -> UnreadableFile:
        """What a person is told when the process ended without a last word."""
        status = self._process.wait()
        self._complaints.flush()
        complaints = (self._folder / "complaints.txt").read_text(errors="replace")[-2000:]
        log.warning("boundary reader ended with status %s: %r", status, complaints)
        if "No module named" in complaints:
            return UnreadableFile("not_installed")
        if self._timed_out or status in (-24, -9):
            return UnreadableFile("too_slow", seconds=self._limits.wall_seconds)
        if "MemoryError" in complaints or "bad_alloc" in complaints or "emory" in complaints:
            return UnreadableFile("too_heavy", limit=self._limits.memory_bytes // 1_000_000)
        return UnreadableFile("damaged", reason="invalid")

    def _time_out(self) -> None:
        self._timed_out = True
        self._process.kill()


def _problem(code: str, figures: dict[str, object]) -> Problem:
    reasons = {"no_geometry": ("no_geometry", "points", "lines"), "no_crs": ("swapped", "not_degrees", "not_projected")}
    reason = next((reason for reason, codes in reasons.items() if code in codes), "invalid")
    return Problem(reason, say(PROBLEM, code, **figures))


def _environment(folder: Path) -> dict[str, str]:
    """All the process gets to know: no key, address or database of ours is in it."""
    environment = {
        "PYTHONPATH": str(ROOT),
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "OGR_SKIP": SKIPPED_DRIVERS,
        "GDAL_DRIVER_PATH": "disable",
        "PROJ_NETWORK": "OFF",
        "CPL_DEBUG": "OFF",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
    if "LD_LIBRARY_PATH" in os.environ:  # some Pythons cannot start without it
        environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
    return environment


def _sha256(source: Path) -> str:
    digest = hashlib.sha256()
    with source.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
