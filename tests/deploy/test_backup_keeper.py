"""The place of backups: whoever has the server's key adds to it and reads it, and can neither delete nor overwrite."""

import datetime as dt
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.backup.keeper import Keep
from tests.deploy.backup_host import KEEPER, BackupHost, backup_host


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackupHost]:
    with backup_host(tmp_path_factory.mktemp("host") / "b") as made:
        yield made


def put(host: BackupHost, name: str, text: str) -> None:
    (host.folder / "sent").write_text(text)
    done = host.sftp(f"put sent {name}")
    assert done.returncode == 0, done.stderr


def kept(host: BackupHost, name: str) -> list[str]:
    return sorted(path.read_text() for path in host.root.glob(f".kept/*/{name}~*"))


def test_what_is_sent_is_there_and_can_be_read(host: BackupHost) -> None:
    put(host, "/new", "first")
    assert (host.root / "new").read_text() == "first"
    assert (host.root / "new").stat().st_mode & 0o777 == 0o600
    assert host.sftp("get /new got").returncode == 0
    assert (host.folder / "got").read_text() == "first"


def test_what_is_removed_is_out_of_reach_and_not_gone(host: BackupHost) -> None:
    put(host, "/gone", "treasure")
    assert host.sftp("rm /gone").returncode == 0
    assert "gone" not in host.sftp("ls -1a /").stdout
    assert kept(host, "gone") == ["treasure"]
    for attempt in (
        "ls /.kept",
        "cd /.kept",
        "get /.kept",
        "rmdir /.kept",
        "mkdir /signalpath/.kept",
        "rename /.kept /x",
    ):
        assert host.sftp(attempt).returncode != 0, attempt
    assert kept(host, "gone") == ["treasure"]


def test_what_is_overwritten_is_kept(host: BackupHost) -> None:
    put(host, "/twice", "first")
    put(host, "/twice", "second")
    assert (host.root / "twice").read_text() == "second"
    assert kept(host, "twice") == ["first"]


@pytest.mark.parametrize(
    "attempt", ["rename /old /elsewhere", "symlink /old /link", "ln -s / /out", "ln /old /hard", "reput sent /old"]
)
def test_what_was_there_cannot_be_moved_linked_or_written_into(host: BackupHost, attempt: str) -> None:
    if not (host.root / "old").exists():
        put(host, "/old", "old")
    (host.folder / "sent").write_text("old and longer")
    assert host.sftp(attempt).returncode != 0
    assert (host.root / "old").read_text() == "old"
    assert not any(path.is_symlink() for path in host.root.rglob("*"))


def test_nothing_outside_of_the_folder_can_be_reached(host: BackupHost) -> None:
    for attempt in (
        "get /../../../etc/hostname got2",
        "get ../../../../../etc/hostname got2",
        "get /etc/hostname got2",
    ):
        assert host.sftp(attempt).returncode != 0
    put(host, "/../../up", "inside")
    assert (host.root / "up").read_text() == "inside"


def test_the_key_opens_no_shell_and_no_tunnel(host: BackupHost) -> None:
    words = ["ssh", "-F", "none", "-i", str(host.key), "-p", str(host.port), "-o", "StrictHostKeyChecking=no"]
    words += ["-o", "UserKnownHostsFile=/dev/null", f"{host.user}@127.0.0.1", "cat /etc/hostname"]
    said = subprocess.run(words, input="", capture_output=True, text=True, check=False, timeout=20)
    assert said.stdout == ""


def test_its_owner_puts_back_what_was_removed_since(host: BackupHost) -> None:
    put(host, "/signalpath/a", "one")
    put(host, "/signalpath/b", "one")
    began = dt.datetime.now(dt.UTC)
    put(host, "/signalpath/b", "two")
    host.sftp("rm /signalpath/a", "rm /signalpath/b")
    assert host.keeper("--put-back", began.isoformat()).startswith("3 files")
    assert [(host.root / f"signalpath/{name}").read_text() for name in "ab"] == ["one", "one"]


def test_its_owner_forgets_what_was_removed_long_ago(tmp_path: Path) -> None:
    now = dt.datetime(2026, 1, 5, 6, 0, tzinfo=dt.UTC)
    for name, removed in (("old", now - dt.timedelta(days=31)), ("new", now - dt.timedelta(days=29))):
        (tmp_path / name).write_text(name)
        assert Keep(tmp_path, clock=lambda removed=removed: removed).remove(f"/{name}")  # type: ignore[misc]
    (tmp_path / "live").mkdir()
    (tmp_path / "live/commit").write_text("one")
    assert Keep(tmp_path, clock=lambda: now - dt.timedelta(days=4)).remove("/live/commit")
    assert Keep(tmp_path, clock=lambda: now).forget(days=30) == 1
    assert Keep(tmp_path, clock=lambda: now).forget(days=3, below="live") == 1
    assert [path.name.partition("~")[0] for path in tmp_path.rglob("*") if path.is_file()] == ["new"]


def test_nonsense_ends_the_connection_and_harms_nothing(host: BackupHost) -> None:
    before = {path: path.read_bytes() for path in host.root.rglob("*") if path.is_file()}
    for nonsense in (
        b"\xff" * 64,
        b"\0\0\0\0",
        b"\0\0\0\1\1",
        b"\0\0\0\5\3\0\0\0\1",
        b"\0\0\0\x09\x03\0\0\0\1\xff\xff\xff\xff",
        b"GET / ",
    ):
        done = subprocess.run(
            [sys.executable, KEEPER, host.root], input=nonsense, capture_output=True, check=False, timeout=20
        )
        assert b"Traceback" not in done.stderr, nonsense
    assert before == {path: path.read_bytes() for path in host.root.rglob("*") if path.is_file()}
