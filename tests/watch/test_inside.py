"""What the server says of itself: each check against the real thing where this machine can hold it."""

import datetime as dt
import json
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from api.metrics import Metrics, MetricsServer
from api.usecases.alarms import ALARMS
from deploy.cli_watch import watch
from deploy.watch import certificate, inside, jobs, machine, service, states
from deploy.watch.outside import Finding
from deploy.watch.settings import Settings
from deploy.watch.states import State
from tests.deploy.machine import HOST
from tests.deploy.servers import free_port
from tests.watch.lines import line, write
from tests.watch.world import answering

NOW = dt.datetime(2026, 11, 27, 12, 0, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def wrong(findings: list[Finding]) -> list[str]:
    return [finding.name for finding in findings if finding.remedy]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of a megabyte and twenty files."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,nr_inodes=20", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_told_by_its_folder(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "FREE_BYTES_MIN", 100_000)
    assert wrong(list(machine.room([small_disk]))) == []
    (small_disk / "big").write_bytes(bytes(990_000))
    assert wrong(list(machine.room([small_disk]))) == [f"disk {small_disk}"]


def test_too_many_small_files_are_told(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "FREE_BYTES_MIN", 100_000)
    for number in range(18):
        (small_disk / str(number)).touch()
    assert wrong(list(machine.room([small_disk]))) == [f"inodes {small_disk}"]


def test_one_file_system_is_told_once(tmp_path: Path) -> None:
    names = {finding.name for finding in machine.room([tmp_path, tmp_path / ".", tmp_path / "missing"])}
    assert names <= {f"disk {tmp_path}", f"inodes {tmp_path}"}


@pytest.mark.parametrize(("available", "is_wrong"), [(70, True), (100, False)])
def test_little_memory_is_told(tmp_path: Path, available: int, is_wrong: bool) -> None:
    information = tmp_path / "meminfo"
    information.write_text(f"MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: {available} kB\n")
    assert bool(machine.memory(information).remedy) == is_wrong
    assert "MiB" in machine.memory().said


def test_each_failed_unit_is_told_with_how_to_look_at_it() -> None:
    said = json.dumps([{"unit": "nginx.service", "active": "failed"}, {"unit": "a.timer", "active": "failed"}])
    findings = machine.failed_units(("echo", said))
    assert wrong(findings) == ["unit a.timer", "unit nginx.service"]
    assert findings[1].remedy.startswith("journalctl -u nginx.service")
    assert wrong(machine.failed_units(("echo", "[]"))) == []
    assert wrong(machine.failed_units(("false",))) == ["units"]


def test_a_restart_that_waits_too_long_is_told(tmp_path: Path) -> None:
    required = tmp_path / "reboot-required"
    assert machine.restart(now=NOW, reboots=True, required=required).remedy == ""
    required.touch()
    (tmp_path / "reboot-required.pkgs").write_text("linux-base\nlinux-base\n")
    written = dt.datetime.fromtimestamp(required.stat().st_mtime, dt.UTC)
    in_time, late = (machine.restart(now=written + days * DAY, reboots=True, required=required) for days in (7, 9))
    assert (in_time.remedy, bool(late.remedy)) == ("", True)
    assert "linux-base" in late.said
    assert machine.restart(now=written + 2 * DAY, reboots=False, required=required).remedy


@contextmanager
def serving(folder: Path, *days: str) -> Iterator[int]:
    """A TLS server with a self-signed certificate."""
    chain, key = folder / "chain.pem", folder / "key.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key]
    subprocess.run(
        [*made, "-out", chain, "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}", "-days", *days],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def test_a_certificate_is_told_days_before_it_ends_also_one_that_we_signed(tmp_path: Path) -> None:
    with serving(tmp_path, "90") as port:
        url, now = f"https://{HOST}:{port}", dt.datetime.now(dt.UTC)
        assert certificate.look(url, now=now).remedy == ""
        assert certificate.look(url, now=now + 79 * DAY).remedy == ""
        assert "longwave-certificate" in certificate.look(url, now=now + 81 * DAY).remedy


def test_a_short_lived_certificate_has_a_fifth_of_its_life(tmp_path: Path) -> None:
    with serving(tmp_path, "5") as port:
        url, now = f"https://{HOST}:{port}", dt.datetime.now(dt.UTC)
        assert certificate.look(url, now=now + 3.9 * DAY).remedy == ""
        assert certificate.look(url, now=now + 4.1 * DAY).remedy


def test_no_certificate_at_all_is_told() -> None:
    assert certificate.look(f"https://{HOST}:{free_port()}", now=NOW).remedy


def job(kind: str, age: dt.timedelta, *, ok: bool = True, **fields: Any) -> State:
    return State(kind=kind, at=NOW - age, ok=ok, **fields)


def late(*known: State, since: dt.timedelta = 30 * DAY, has_backup: bool = True) -> list[str]:
    found = {state.kind: state for state in known}
    return wrong(jobs.look(found, since=NOW - since, now=NOW, has_backup=has_backup))


def test_jobs_in_time_are_well() -> None:
    assert late(job("backup", 25 * HOUR), job("rehearsal", 7 * DAY)) == []


def test_a_late_backup_and_a_late_rehearsal_are_told() -> None:
    assert late(job("backup", 27 * HOUR), job("rehearsal", 9 * DAY)) == ["backup", "rehearsal"]


def test_a_backup_that_failed_is_told_at_once() -> None:
    assert late(job("backup", HOUR, ok=False), job("rehearsal", HOUR)) == ["backup"]


def test_a_backup_that_never_ran_is_told_after_its_first_night() -> None:
    assert late(since=HOUR) == []
    assert late(since=2 * DAY) == ["backup"]
    assert late(since=9 * DAY) == ["backup", "rehearsal"]
    assert late(since=9 * DAY, has_backup=False) == []


def test_an_episode_that_does_not_appear_on_its_minute_is_told() -> None:
    in_time, overdue = (job("scheduled", DAY, due=NOW - dt.timedelta(minutes=m)) for m in (1, 3))
    assert late(in_time, has_backup=False) == []
    assert late(overdue, has_backup=False) == ["scheduled"]


def test_any_other_job_is_told_when_it_failed() -> None:
    assert late(job("litestream", HOUR, ok=False), job("certificate", HOUR), has_backup=False) == ["litestream"]


@contextmanager
def figures(**backlog: int) -> Iterator[tuple[int, Metrics]]:
    """The service's own figures on a port; what was called for before, in this process, is another service's."""
    ALARMS.clear()
    metrics, port = Metrics(), free_port()
    for queue, count in {"mails": 0, "events": 0, "failed_events": 0, **backlog}.items():
        metrics.backlog.labels(queue).set(count)
    server = MetricsServer(metrics, port)
    assert server.start()
    try:
        yield port, metrics
    finally:
        server.stop()


def test_queues_of_the_service_are_read_from_its_figures() -> None:
    with figures(mails=51, failed_events=1) as (port, _):
        assert wrong(service.look(port=port, before={})[0]) == ["queue of mails", "queue of failed_events"]
    with figures(mails=50, events=200) as (port, _):
        assert wrong(service.look(port=port, before={})[0]) == []


def test_a_damaged_catalogue_is_told() -> None:
    with figures() as (port, metrics):
        metrics.catalog_damaged.set(1)
        assert wrong(service.look(port=port, before={})[0]) == ["catalogue"]


def test_what_the_service_calls_for_is_passed_on_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with figures() as (port, _):
        ALARMS.labels("order_differs").inc()
        first, known = service.look(port=port, before={})
        again, _ = service.look(port=port, before=known)
    assert (wrong(first), wrong(again)) == (["service's alarms"], [])
    assert "order_differs" in first[-1].said


def test_a_service_that_is_away_is_told() -> None:
    assert wrong(service.look(port=free_port(), before={})[0]) == ["service"]


def settings(folder: Path, **fields: Any) -> Settings:
    own = folder / "own"
    own.mkdir(exist_ok=True)
    places = {"own": own, "log": folder / "access.json", "www": folder, "states": (folder / "state",)}
    return Settings(
        **{"url": "http://localhost", "folders": (folder,), "metrics_port": free_port(), **places, **fields}
    )


def test_a_look_that_breaks_blinds_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "memory", lambda: 1 / 0)
    found = inside.look(settings(tmp_path), now=NOW)
    assert "memory" in wrong(found)
    assert any(finding.name.startswith("disk") for finding in found)


def test_what_the_service_calls_for_stays_wrong_for_an_hour(tmp_path: Path) -> None:
    """Two looks in a row have to see it before anybody is told."""
    with figures() as (port, _):
        chosen = settings(tmp_path, metrics_port=port)
        inside.look(chosen, now=NOW)
        ALARMS.labels("bought_twice").inc()
        minutes = (1, 2, 60, 62)
        found = [wrong(inside.look(chosen, now=NOW + dt.timedelta(minutes=minute))) for minute in minutes]
    assert ["service's alarms" in names for names in found] == [True, True, True, False]


def test_an_outage_in_the_log_is_told(tmp_path: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    write(tmp_path / "access.json", *(line(now - dt.timedelta(minutes=2), "/api/x", status=502) for _ in range(20)))
    found, problems = inside.watch(settings(tmp_path), channels=inside.Channels(), now=now)
    assert "error budget, fast" in wrong(found)
    assert problems == []


def test_the_command_calls_by_the_secrets_that_systemd_hands_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    states.record("backup", ok=False, now=dt.datetime.now(dt.UTC), detail="disk full", folder=tmp_path / "state")
    path = tmp_path / "watch.json"
    path.write_bytes(msgspec.json.encode(settings(tmp_path), enc_hook=str))
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "smtp_password").write_text("\n")
    port = free_port()
    (tmp_path / "alarm_webhook").write_text(f"http://127.0.0.1:{port}/s3cret\n")
    with answering(port) as hook:
        runs = [CliRunner().invoke(watch, ["--settings", str(path)]) for _ in range(3)]
    assert [run.exit_code for run in runs] == [0, 0, 0]
    assert "WRONG  backup: failed" in runs[0].output
    (posted,) = hook.posted
    assert "disk full" in posted["text"]
    silent = CliRunner().invoke(watch, ["--settings", str(tmp_path / "none.json")])
    assert (silent.exit_code, "longwave deploy" in silent.output) == (1, True)
