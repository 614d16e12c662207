"""A private PostGIS cluster for one test run: own folder, own socket, no port open."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg
from psycopg import sql

BINARIES = Path("/usr/lib/postgresql/15/bin")
EXTENSION = Path("/usr/share/postgresql/15/extension/postgis.control")


class Unavailable(RuntimeError):
    pass


class Cluster:
    """Start with ``Cluster.start()``, end with ``stop()``. Refuses to run as root, so it steps down."""

    def __init__(self, folder: Path, as_user: list[str]):
        self.folder = folder
        self.as_user = as_user
        self._owner: psycopg.Connection | None = None

    @classmethod
    def start(cls) -> Cluster:
        if not (BINARIES / "initdb").exists() or not EXTENSION.exists():
            raise Unavailable("install postgresql-15 and postgresql-15-postgis-3")
        folder = Path(tempfile.mkdtemp(prefix="cuadra-pg-"))
        as_user: list[str] = []
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(folder, account.pw_uid, account.pw_gid)
            as_user = ["runuser", "-u", "postgres", "--"]
        cluster = cls(folder, as_user)
        cluster._run("initdb", "-D", f"{folder}/data", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off -c max_connections=60"
        cluster._run("pg_ctl", "-D", f"{folder}/data", "-o", options, "-l", f"{folder}/log", "-w", "start")
        os.chmod(folder, 0o755)
        return cluster

    def url(self, name: str, *, template: str = "template1") -> str:
        """A new database, empty or equal to ``template``."""
        self._order(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def drop(self, name: str) -> None:
        self._order(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _order(self, statement: sql.Composed) -> None:
        # One kept connection: a process per database costs more than most tests.
        if self._owner is None:
            self._owner = psycopg.connect(f"host={self.folder} user=postgres dbname=postgres", autocommit=True)
        self._owner.execute(statement)

    def stop(self) -> None:
        if self._owner is not None:
            self._owner.close()
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self.as_user, str(BINARIES / program), *arguments], capture_output=True, text=True, cwd="/",
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            raise Unavailable(f"{program}: {done.stderr.strip() or done.stdout.strip()}")
