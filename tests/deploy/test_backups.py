"""What is kept comes back: to the last second after any kill, whole nights, and a rehearsal that would say if it did not."""

import datetime as dt
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from subprocess import CompletedProcess

import msgspec
import pytest

from api.store import migrations
from deploy.backup import databases, litestream, nightly, rehearsal, restic, restoring
from deploy.backup.rehearsal import differences
from deploy.backup.settings import Settings, problems
from deploy.errors import DeployError
from tests.command import ROOT
from tests.deploy.backup_host import BackupHost, backup_host
from tests.deploy.servers import until

NOW = dt.datetime(2026, 1, 5, 6, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackupHost]:
    with backup_host(tmp_path_factory.mktemp("host") / "b") as made:
        yield made


@pytest.fixture
def box(host: BackupHost, tmp_path: Path) -> Settings:
    """A server's folders, with databases as the service makes them; its backups lie in a folder of their own."""
    folders = {name: str(tmp_path / name) for name in ("data", "copies", "live", "state", "secrets")}
    for folder in folders.values():
        Path(folder).mkdir(mode=0o700)
    shutil.copy(host.key, tmp_path / "secrets/backup_key")
    (tmp_path / "secrets/backup_password").write_text("correct horse")
    (tmp_path / "secrets/pepper").write_text("p" * 40)
    (tmp_path / "videos").mkdir()
    (tmp_path / "videos/one.mp4").write_text("a film")
    settings = Settings(
        target=f"{host.target}{tmp_path.name}",
        host_key=host.host_key,
        beside=tuple(str(tmp_path / name) for name in ("data/erased.jsonl", "videos", "secrets", "never-made")),
        **folders,
    )
    migrations.migrate_all(*settings.files, now=NOW)
    return settings


@contextmanager
def streaming(settings: Settings) -> Iterator["subprocess.Popen[bytes]"]:
    file = Path(settings.state, "backup.json")
    file.write_bytes(msgspec.json.encode(settings))
    command = [sys.executable, "-m", "generator.cli", "backup", "stream", "--settings", str(file)]
    with Path(settings.state, "litestream.log").open("ab") as log:
        process = subprocess.Popen([longwave_program(), *command[3:]], stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def longwave_program() -> str:
    return str(Path(sys.executable).with_name("longwave"))


@contextmanager
def writing(kind: str, file: Path, *, first: int) -> Iterator[Callable[[], int]]:
    """`acknowledged()` is the last number that the writer said is on disk; it is killed when the block ends."""
    said = file.with_suffix(".said")
    with said.open("w") as out:
        words = [sys.executable, "-m", "tests.deploy.writer", kind, str(file), str(first)]
        process = subprocess.Popen(words, stdout=out, cwd=ROOT)
    until(lambda: said.stat().st_size > 0)
    try:
        yield lambda: int(said.read_text().split("\n")[-2])
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def numbers(file: Path) -> list[int]:
    with closing(sqlite3.connect(file)) as db:
        return [row[0] for row in db.execute("SELECT number FROM written ORDER BY number")]


def restored(settings: Settings, name: str) -> list[int]:
    to = Path(settings.state, "came-back.sqlite")
    litestream.restore(settings, name, generation=litestream.generation(settings, now=NOW), to=to)
    databases.check(to)
    return numbers(to)


def sent(settings: Settings, name: str, number: int) -> bool:
    try:
        return number in restored(settings, name)
    except DeployError:  # nothing of it was sent yet
        return False


def test_every_kill_leaves_what_was_acknowledged_on_the_other_machine(box: Settings, prove: bool) -> None:
    for name in ("shop", "sync") if prove else ("shop",):
        kill_and_compare(box, name)
        lost(box)
        migrations.migrate_all(*box.files, now=NOW)


def kill_and_compare(box: Settings, name: str) -> None:
    file = Path(box.data, f"{name}.sqlite")
    with streaming(box):
        with writing(name, file, first=1) as acknowledged:
            time.sleep(3)
            first_end = acknowledged()  # and kill -9 of the service
        until(lambda: sent(box, name, first_end))
        with writing(name, file, first=first_end + 100) as acknowledged:
            time.sleep(1)
            killed_at = acknowledged()  # and then kill -9 of litestream, while the service goes on writing
    with writing(name, file, first=killed_at + 1000) as acknowledged:  # past checkpoints that nobody copied
        time.sleep(3)
        alone = acknowledged()
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("VACUUM")
    with streaming(box), writing(name, file, first=alone + 1000) as acknowledged:
        time.sleep(2)
        last = acknowledged()
        until(lambda: sent(box, name, last))
    everything = numbers(file)
    came_back = restored(box, name)
    assert came_back == everything[: len(came_back)]
    assert came_back[-1] >= last
    assert {first_end, killed_at, alone} <= set(came_back)


def test_a_night_holds_everything_and_the_way_back_lays_it(box: Settings, tmp_path: Path) -> None:
    Path(box.data, "erased.jsonl").write_text('{"account_id":"acc_gone","at":"2026-01-01T00:00:00.000Z"}\n')
    with writing("shop", box.files[0], first=1):
        time.sleep(0.5)
        nightly.copy_databases(box, now=NOW)
    night = nightly.send(box)
    assert night.files >= 7
    again = nightly.send(box)
    assert again.added_bytes < night.added_bytes / 5

    there = numbers(Path(box.copies, "shop.sqlite"))
    key, password = (Path(box.secrets, name).read_text() for name in ("backup_key", "backup_password"))
    for folder in ("data", "copies", "live", "state", "secrets", "videos"):
        shutil.rmtree(tmp_path / folder)
    fresh(box, key, password)
    done = restoring.restore(box, now=dt.datetime.now(dt.UTC))
    assert done.source.startswith("restic")
    assert 0 <= done.lost_seconds_max < 60
    assert numbers(box.files[0]) == there
    assert (tmp_path / "videos/one.mp4").read_text() == "a film"
    assert (tmp_path / "secrets/pepper").read_text() == "p" * 40
    assert "acc_gone" in Path(box.data, "erased.jsonl").read_text()
    assert {path.name for path in Path(box.data).iterdir()} == {"shop.sqlite", "sync.sqlite", "erased.jsonl"}
    with pytest.raises(DeployError, match=r"is there already, and nothing is overwritten"):
        restoring.restore(box, now=NOW)


def fresh(box: Settings, key: str, password: str) -> None:
    """What a deploy lays on a new machine before a restore: a secret that it has is not overwritten."""
    for folder in (box.secrets, box.live, box.state, box.data):
        Path(folder).mkdir(mode=0o700)
    for name, text in (("backup_key", key), ("backup_password", password)):
        Path(box.secrets, name).write_text(text)
        Path(box.secrets, name).chmod(0o400)


def lost(box: Settings) -> None:
    """The machine's databases and all it remembers of them."""
    for folder in (box.data, box.live):
        shutil.rmtree(folder)
        Path(folder).mkdir(mode=0o700)


def test_the_last_second_comes_back_before_the_night_and_before_a_mistake(box: Settings) -> None:
    nightly.copy_databases(box, now=NOW)
    nightly.send(box)
    with streaming(box), writing("shop", box.files[0], first=1) as acknowledged:
        until(lambda: sent(box, "shop", 1))
        last = acknowledged()
        time.sleep(2 * litestream.SYNC_SECONDS)
    right = litestream.generation(box, now=NOW)
    lost(box)
    migrations.migrate_all(*box.files, now=NOW)  # a machine that somebody set up anew without a restore
    with streaming(box):
        until(lambda: len(litestream.generations(box)) == 2)
        until(lambda: litestream.changed(box, "shop", generation=litestream.generations(box)[0]) is not None)
    lost(box)
    with pytest.raises(DeployError, match=f"--generation {right}"):
        restoring.restore(box, now=NOW)
    assert not box.files[0].exists()
    done = restoring.restore(box, now=dt.datetime.now(dt.UTC), generation=right)
    assert done.source == f"litestream, generation {right}"
    assert last in numbers(box.files[0])
    assert [what.split()[0] for what, _ in done.steps] == ["fetched", "fetched", "checked", "laid"]


def test_a_rehearsal_compares_and_notices_what_would_not_come_back(box: Settings, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    with streaming(box), writing("shop", box.files[0], first=1) as acknowledged:
        until(lambda: sent(box, "shop", acknowledged()))
        nightly.copy_databases(box, now=NOW)
        nightly.send(box)
        well = rehearsal.rehearse(box, scratch=scratch, now=dt.datetime.now(dt.UTC))
        until(lambda: sent(box, "shop", acknowledged()))
    assert well.problems == []
    assert [line.split()[0] for line in well.said] == ["shop.sqlite:", "sync.sqlite:", "the"]
    assert list(scratch.iterdir()) == []
    with closing(sqlite3.connect(box.files[0])) as db:  # litestream is dead, and nobody has noticed
        db.execute("INSERT INTO written VALUES (1000000, 'paid')")
        db.commit()
    later = dt.datetime.now(dt.UTC) + dt.timedelta(hours=30)
    said = rehearsal.rehearse(box, scratch=scratch, now=later).problems
    assert "table written has" in said[0]
    assert said[1].startswith("The newest nightly backup is of")


def test_a_damaged_night_is_noticed(box: Settings, host: BackupHost, tmp_path: Path) -> None:
    nightly.copy_databases(box, now=NOW)
    nightly.send(box)
    for pack in (host.root / "signalpath").parent.glob(f"signalpath{tmp_path.name}/nightly/data/*/*"):
        data = bytearray(pack.read_bytes())
        data[len(data) // 2] ^= 1
        pack.write_bytes(data)
    shutil.rmtree(Path(box.state, "cache"))
    said = rehearsal.rehearse(box, scratch=tmp_path / "scratch", now=dt.datetime.now(dt.UTC)).problems
    assert any("restic" in problem for problem in said)


def test_the_key_of_the_box_cannot_destroy_the_nights(box: Settings, host: BackupHost) -> None:
    nightly.copy_databases(box, now=NOW)
    night = nightly.send(box)
    began = dt.datetime.now(dt.UTC)
    restic.run(box, "forget", "--prune", "--keep-tag", "none", night.snapshot)
    assert restic.newest(box) is None
    host.keeper("--put-back", began.isoformat())
    restic.run(box, "unlock", "--remove-all")
    newest = restic.newest(box)
    assert newest is not None
    restic.check(box, part="100%")


def test_nights_that_nobody_would_ask_for_are_given_up_and_can_be_put_back(
    box: Settings, host: BackupHost, longwave: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    nightly.copy_databases(box, now=NOW)
    nightly.send(box)
    for days in range(1, 20):
        moment = dt.datetime.now() - dt.timedelta(days=days)
        tags = ("--host", restic.HOST, "--tag", restic.NIGHTLY, "--time", f"{moment:%Y-%m-%d %H:%M:%S}")
        restic.run(box, "backup", *tags, f"{tmp_path}/videos")
    facts, began = tmp_path / "server.toml", dt.datetime.now(dt.UTC)
    mine = f'mode = "sandbox"\n[ssh]\nadministrators = ["{host.host_key}"]\n'
    facts.write_text(f'{mine}[backup]\ntarget = "{box.target}"\nhost_key = "{host.host_key}"\n')
    said = longwave("backup", "prune", "--server", facts)
    assert said.stdout.startswith(f"Pruned {box.target}; the newest night is of {began:%Y-%m-%d}"), said.stderr
    kept = nights(box)
    assert 14 < len(kept) < 20, "fourteen days, and what is left of weeks and months before"
    assert sum((began - night).days < 14 for night in kept) == 14
    restic.check(box, part="100%")
    host.keeper("--put-back", began.isoformat())
    restic.run(box, "unlock", "--remove-all")
    assert len(nights(box)) == 20
    facts.write_text(mine)
    refused = longwave("backup", "prune", "--server", facts)
    assert (refused.returncode, "[backup]" in refused.stderr) == (1, True)


def nights(settings: Settings) -> list[dt.datetime]:
    said = restic.run(settings, "snapshots", "--no-lock", "--json")
    return [each.time for each in msgspec.json.decode(said, type=list[restic.Snapshot])]


def test_tables_are_compared_by_rows_and_by_the_last_number() -> None:
    before, after = {"orders": databases.Table(5, 9)}, {"orders": databases.Table(7, 11)}
    assert differences(before, {"orders": databases.Table(6, 10)}, after) == []
    assert differences(before, {}, after) == ["table orders is missing"]
    assert len(differences(before, {"orders": databases.Table(4, 9)}, after)) == 1
    assert len(differences(before, {"orders": databases.Table(5, 8)}, after)) == 1
    assert len(differences(after, {"orders": databases.Table(8, 11)}, after)) == 1


def test_facts_that_cannot_be_meant_are_named() -> None:
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5"
    assert problems(target="", host_key="") == []
    assert problems(target="sftp://b@backup.example:22/signalpath", host_key=key) == []
    assert problems(target="sftp://b@[fd77::3]/signalpath", host_key=key) == []
    assert problems(target="ftp://backup.example", host_key=key)[0].startswith(
        "target: 'ftp://backup.example' is no place"
    )
    assert problems(target="sftp://b@backup.example", host_key="")[0].startswith("host_key: missing")


def test_the_commands_speak_plainly(
    box: Settings, longwave: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    for words in (("backup", "status"), ("backup", "now"), ("backup", "rehearse"), ("restore",)):
        done = longwave(*words, "--settings", tmp_path / "none.json")
        assert done.returncode == 1
        assert "This machine has no backups" in done.stderr
        assert "Example:" in longwave(*words, "--help").stdout
    file = tmp_path / "backup.json"
    file.write_bytes(msgspec.json.encode(box))
    said = longwave("backup", "now", "--settings", file).stdout
    assert said.startswith(f"Sent to {box.target}: ")
    late = longwave("backup", "status", "--settings", file, "--json")
    assert late.returncode == 1  # no litestream runs
    looked = msgspec.json.decode(late.stdout)
    assert len(looked["problems"]) == 2
    refused = longwave("restore", "--settings", file)
    assert (refused.returncode, "nothing is overwritten" in refused.stderr) == (1, True)
