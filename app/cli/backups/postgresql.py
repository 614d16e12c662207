"""Dumping and loading PostgreSQL by the server's own tools."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from sqlalchemy import Connection, make_url, text

from app.config import ConfigError

FOLDERS = Path("/usr/lib/postgresql")

# All that is ours in the schema, and nothing of PostGIS or another extension, whose owner may be somebody else. The names
# of each kind are gathered before the first is dropped: CASCADE takes others along, and a name of what is gone is a number.
KINDS = (
    ("TABLE", "SELECT oid::regclass::text, oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"),
    ("VIEW", "SELECT oid::regclass::text, oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'v'"),
    ("SEQUENCE", "SELECT oid::regclass::text, oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'"),
    ("ROUTINE", "SELECT oid::regprocedure::text, oid FROM pg_proc WHERE pronamespace = 'public'::regnamespace"),
    (
        "TYPE",
        "SELECT t.oid::regtype::text, t.oid FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid"
        " WHERE t.typnamespace = 'public'::regnamespace AND (t.typtype IN ('e', 'd') OR c.relkind = 'c')",
    ),
    ("TEXT SEARCH CONFIGURATION", "SELECT oid::regconfig::text, oid FROM pg_ts_config WHERE cfgnamespace = 'public'::regnamespace"),
)
_DROP = """DO $$ DECLARE name text; BEGIN
  FOREACH name IN ARRAY ARRAY(
    SELECT o.name FROM (FOUND) AS o (name, oid)
    WHERE NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = o.oid AND d.deptype = 'e')
  ) LOOP EXECUTE 'DROP KIND IF EXISTS ' || name || ' CASCADE'; END LOOP;
END $$;"""
EMPTY = "\n".join(["SET lock_timeout = '10s';", *(_DROP.replace("KIND", kind).replace("FOUND", found) for kind, found in KINDS)])


def environment(url: str) -> dict[str, str]:
    """What the tools need to reach ``url``. By the environment: a password among the arguments is there for all to see."""
    parsed = make_url(url)
    given = {
        "PGHOST": parsed.host or parsed.query.get("host"), "PGPORT": str(parsed.port) if parsed.port else parsed.query.get("port"),
        "PGUSER": parsed.username, "PGPASSWORD": parsed.password, "PGDATABASE": parsed.database,
        "PGSSLMODE": parsed.query.get("sslmode"),
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG") or name in ("PGPASSFILE", "PGSSLROOTCERT")}
    return inherited | {name: str(value) for name, value in given.items() if value}


def server_version(connection: Connection) -> int:
    """The major version, as 15."""
    return int(connection.scalar(text("SHOW server_version_num"))) // 10000


def tool(name: str, major: int) -> Path:
    """The program ``name`` of the server's version or a newer one: an older pg_dump refuses. Raises ConfigError."""
    numbered = sorted((int(folder.name), folder / "bin" / name) for folder in FOLDERS.glob("[0-9]*") if folder.name.isdigit())
    found = [path for number, path in numbered if number >= major and path.exists()]
    on_path = shutil.which(name)
    for path in [*found, *([Path(on_path)] if on_path else [])]:
        if tool_version(path) >= major:
            return path
    raise ConfigError(f"Falta {name} {major} o más nuevo: instale postgresql-client-{major}.")


def tool_version(path: Path) -> int:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=30).stdout
    found = re.search(r"\) (\d+)", said)
    return int(found.group(1)) if found else 0


def dump(connection: Connection, url: str, to: Path) -> None:
    """Write the database as ``connection``'s transaction sees it into ``to``, in pg_dump's custom format."""
    snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
    done = subprocess.run(
        [
            tool("pg_dump", server_version(connection)), "--format=custom", "--no-owner", "--no-privileges", "--no-password",
            # PostGIS fills it, and only a superuser may write to it.
            "--exclude-table-data=*.spatial_ref_sys", f"--snapshot={snapshot}", f"--file={to}",
        ],
        env=environment(url), capture_output=True, text=True,
    )
    if done.returncode:
        raise ConfigError(f"pg_dump no terminó: {_first_line(done.stderr)}.")


def load(archive: Path, url: str, *, major: int) -> None:
    """Put what ``archive`` holds in place of all that is ours in ``url``: whole, or nothing changes. Raises ConfigError.

    The script is closed with COMMIT only when pg_restore read the archive to its end: told by the end of a pipe alone,
    psql would keep the half of a broken archive.
    """
    reading = subprocess.Popen(
        [tool("pg_restore", major), "--no-owner", "--no-privileges", "--no-comments", "--file=-", archive],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )
    with tempfile.TemporaryFile() as said:
        writing = subprocess.Popen(
            [tool("psql", major), "--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1", "--file=-"],
            env=environment(url), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said,
        )
        try:
            writing.stdin.write(f"BEGIN;\n{EMPTY}\n".encode())
            shutil.copyfileobj(reading.stdout, writing.stdin)
            failed = reading.wait()
            writing.stdin.write(b"\nROLLBACK;\n" if failed else b"\nCOMMIT;\n")
            writing.stdin.close()
        except BrokenPipeError:
            # psql stopped at an error, which it has said; what it began is rolled back.
            reading.kill()
            failed = reading.wait()
        stopped = writing.wait()
        said.seek(0)
        complaint = said.read().decode(errors="replace")
    read_complaint = reading.stderr.read().decode(errors="replace")
    reading.stdout.close()
    reading.stderr.close()
    if stopped:
        raise ConfigError(f"No se restauró nada: {_first_error(complaint)}.")
    if failed:
        raise ConfigError(f"No se restauró nada, pg_restore no pudo leer el respaldo: {_first_line(read_complaint)}.")


def _first_line(said: str) -> str:
    return (said.strip().splitlines() or ["sin explicación"])[0].strip().rstrip(".")


def _first_error(said: str) -> str:
    lines = [line for line in said.splitlines() if "ERROR" in line or "FATAL" in line or "error" in line]
    return _first_line("\n".join(lines) or said)
