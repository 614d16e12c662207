"""The separate process that lets GDAL touch an untrusted file: `python -m territories.imports.gdal_process`.

It reads one job from standard input (JSON: path, format, encoding, layer, notes, declares_crs, limits), shuts
itself in, and writes records to standard output, each `header length, WKB length, header in JSON, WKB`. It opens
no database of ours and knows none of our settings: its environment is made by `reader.py`, word by word.

GDAL looks at contents, not names: a list of layers pointing at another file of the server, renamed x.geojson, is
followed. Telling it which drivers to use when opening did not stop that; unregistering all others at start does.
"""

import json
import os
import struct
import sys
from typing import Any, BinaryIO

from territories.imports.sandbox import forbid_network_and_programs, limit_resources
from territories.imports.staging import Refusal

ALLOWED_DRIVERS = frozenset({"ESRI Shapefile", "GPKG", "GeoJSON", "KML", "LIBKML"})
FRAME = struct.Struct("!II")


class Output:
    """Writes records; keeps the real standard output away from anything a library may print."""

    def __init__(self) -> None:
        self._stream: BinaryIO = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
        os.dup2(2, 1)

    def send(self, header: dict[str, Any], wkb: bytes = b"") -> None:
        text = json.dumps(header, ensure_ascii=False).encode("utf-8", "replace")
        self._stream.write(FRAME.pack(len(text), len(wkb)) + text + wkb)

    def close(self) -> None:
        self._stream.close()


def main() -> None:
    shut = _close_other_doors()
    output = Output()
    try:
        if shut is not None:
            raise shut
        job = json.load(sys.stdin)
        limits = job["limits"]
        limit_resources(
            memory_bytes=limits["memory_bytes"],
            cpu_seconds=limits["cpu_seconds"],
            written_bytes=2 * limits["file_bytes"],
        )
        forbid_network_and_programs()
        # Imported behind the walls: these load the libraries that parse what strangers wrote.
        from territories.imports.layers import send_layer

        send_layer(job, output)
    except Refusal as refusal:
        output.send({"type": "refused", "code": refusal.code, "reason": refusal.reason, "figures": refusal.figures})
    except MemoryError:
        limit = job["limits"]["memory_bytes"] // 1_000_000
        output.send({"type": "refused", "code": "too_heavy", "reason": "format", "figures": {"limit": limit}})
    output.close()


def _close_other_doors() -> Refusal | None:
    """Leave only the allowed drivers, whatever this build of GDAL brings; start over once to unregister more.

    Before standard output is taken over, which a process started over would inherit turned round.
    """
    try:
        import pyogrio
    except ImportError:
        return Refusal("not_installed")
    others = sorted(set(pyogrio.list_drivers()) - ALLOWED_DRIVERS)
    if not others:
        return None
    if "CUADRA_READER_RESTARTED" in os.environ:
        return Refusal("open_door", drivers=", ".join(others))
    skipped = ",".join([os.environ.get("OGR_SKIP", ""), *others]).lstrip(",")
    os.environ |= {"OGR_SKIP": skipped, "CUADRA_READER_RESTARTED": "1"}
    # Our own interpreter with the arguments we were started with; nothing of the file was read yet.
    return os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606


if __name__ == "__main__":
    main()
