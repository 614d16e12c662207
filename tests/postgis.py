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
MEMORY = Path("/dev/shm")
ENOUGH = 4 * 1024**3
EXTENSION = Path("/usr/share/postgresql/15/extension/postgis.control")


def quick_folder(prefix: str) -> Path:
    """A new folder in memory where there is room, else on the disk: a database a test is mostly files made and dropped."""
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH
    return Path(tempfile.mkdtemp(prefix=prefix, dir=MEMORY if roomy else None))


class Unavailable(RuntimeError):
    pass


class Cluster:
    """Start with ``Cluster.start()``, end with ``stop()``. Refuses to run as root, so it steps down."""

    def __init__(self, folder: Path, as_user: list[str]):
        self.folder = folder
        self.as_user = as_user
        self._owner: psycopg.Connection | None = None

    @classmethod
    def start(cls, settings: Path | None = None) -> Cluster:
        """A new cluster, with the ``settings`` of a real one but for what a test has no room or time for."""
        if not (BINARIES / "initdb").exists() or not EXTENSION.exists():
            raise Unavailable("install postgresql-15 and postgresql-15-postgis-3")
        folder = quick_folder("cuadra-pg-")
        as_user: list[str] = []
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(folder, account.pw_uid, account.pw_gid)
            as_user = ["runuser", "-u", "postgres", "--"]
        cluster = cls(folder, as_user)
        cluster._run("initdb", "-D", f"{folder}/data", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync")
        if settings is not None:
            with (folder / "data" / "postgresql.conf").open("a") as kept:
                kept.write(settings.read_text())
        cluster.open("-c shared_buffers=64MB -c huge_pages=off" if settings else "-c max_connections=60")
        os.chmod(folder, 0o755)
        return cluster

    def open(self, options: str = "-c shared_buffers=64MB -c huge_pages=off") -> None:
        where = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=off -c full_page_writes=off"
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-o", f"{where} {options}", "-l", f"{self.folder}/log", "-w", "start")

    def shut(self, mode: str = "immediate") -> None:
        """As a restart, a crash or an upgrade of the package leaves it; ``open`` again."""
        if self._owner is not None:
            self._owner.close()
            self._owner = None
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-m", mode, "-w", "stop")

    def ask(self, question: str, database: str = "postgres") -> str:
        """The first value of the answer, as text."""
        with psycopg.connect(f"host={self.folder} user=postgres dbname={database}", autocommit=True) as connection:
            return str(connection.execute(question).fetchone()[0])

    def script(self, path: Path) -> None:
        """Run a file of SQL as the superuser; all of it or an error."""
        copy = self.folder / path.name
        copy.write_text(path.read_text())
        copy.chmod(0o644)
        self._run("psql", "-h", str(self.folder), "-U", "postgres", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(copy))

    def replicate(self) -> Cluster:
        """A streaming replica of this cluster, as docs/deploying.md makes one."""
        folder = Path(tempfile.mkdtemp(prefix="cuadra-pg-"))
        shutil.chown(folder, *(("postgres", "postgres") if self.as_user else (os.geteuid(), os.getegid())))
        other = Cluster(folder, self.as_user)
        other._run(
            "pg_basebackup", "-h", str(self.folder), "-U", "postgres", "-D", f"{folder}/data", "-R", "-X", "stream", "-C",
            "-S", "replica", "-c", "fast", "--no-sync",
        )
        other.open()
        os.chmod(folder, 0o755)
        return other

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
        if (self.folder / "data" / "postmaster.pid").exists():
            self.shut()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self.as_user, str(BINARIES / program), *arguments], capture_output=True, text=True, cwd="/",
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            raise Unavailable(f"{program}: {done.stderr.strip() or done.stdout.strip()}")
