"""A PostgreSQL of its own for a few tests: a new cluster in a temporary directory, on 127.0.0.1 alone."""

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from support.harness.loopback import closed_port


def programs() -> Path | None:
    """Where the newest PostgreSQL server's programs are, None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return found[-1].parent if found else None


@contextmanager
def running(bin_directory: Path) -> Iterator[str]:
    """Run for the block; yields `postgresql://...`."""
    user = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
    home = Path(tempfile.mkdtemp(prefix="backstay-pg-"))
    try:
        if user:
            entry = pwd.getpwnam(user)
            os.chown(home, entry.pw_uid, entry.pw_gid)
        data, port = home / "data", closed_port()

        def run(program: str, *arguments: str) -> None:
            subprocess.run(  # noqa: S603 - arguments are ours
                [str(bin_directory / program), *arguments], user=user, cwd=home, check=True, stdout=subprocess.DEVNULL
            )

        run("initdb", "-D", str(data), "-U", "backstay", "-A", "trust", "--no-sync", "-E", "UTF8")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        run("pg_ctl", "-D", str(data), "-w", "-o", options, "-l", str(home / "log"), "start")
        try:
            yield f"postgresql://backstay@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home)


def new_database(server: str, template: str = "template1") -> str:
    """A database on a server that runs, empty unless it is made from another one; `postgresql://...`."""
    name, at, program = f"t{uuid.uuid4().hex[:12]}", urlsplit(server), programs()
    assert program is not None
    where = ["-h", str(at.hostname), "-p", str(at.port), "-U", str(at.username)]
    subprocess.run([str(program / "createdb"), *where, "-T", template, name], check=True)  # noqa: S603 - arguments are ours
    return at._replace(path=f"/{name}").geturl()


def copied_database(url: str) -> str:
    """A copy of a database that nobody is connected to; `postgresql://...`."""
    return new_database(url, urlsplit(url).path.removeprefix("/"))
