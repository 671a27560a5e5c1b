"""A deployed server watches itself: counts, calls, is looked at by doctor, and answers the checker from outside."""

import json
import shutil
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deploy.watch import outside
from tests.deploy.deployed import HOST, Deployed
from tests.watch.world import Answering, answering

HOOK_PORT = 8091
HOOK = f"http://10.77.0.1:{HOOK_PORT}/hook"
OWN = "/var/lib/longwave-watch/own"


@pytest.fixture
def server(deployed12: Deployed) -> Deployed:
    return deployed12


def look(server: Deployed) -> str:
    """One look as the timer has it; what it wrote into the journal."""
    server.box.ssh("systemctl start longwave-watch.service")
    since = "journalctl --unit longwave-watch.service --output cat --since '-1min' --no-pager"
    return server.box.ssh(since).stdout


def told(server: Deployed, command: str) -> Any:
    done = server.box.ssh(f"longwave {command} --json", check=False)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def requests(server: Deployed) -> int:
    return int(told(server, "stats --days 2")["total"]["requests"])


def test_each_request_is_counted_also_through_a_rotation(server: Deployed) -> None:
    look(server)
    before = requests(server)
    for _ in range(5):
        assert server.ask("/").status == 200
    server.box.ssh("logrotate --force /etc/logrotate.d/longwave")
    for _ in range(3):
        assert server.ask("/courses/").status == 200
    time.sleep(6)  # nginx writes what it has buffered after five seconds
    look(server)
    assert requests(server) - before >= 8
    found = server.box.ssh("stat -c '%a %U %G' /var/log/nginx/access.json").stdout.strip()
    assert found == "640 www-data adm"


def test_nobody_but_watching_writes_its_figures(server: Deployed) -> None:
    look(server)
    owners = set(server.box.ssh(f"stat -c '%U' {OWN} {OWN}/*").stdout.split())
    assert owners == {"longwave-watch"}
    assert server.box.ssh(f"stat -c '%a' {OWN}").stdout.strip() == "750"
    assert server.box.ssh("stat -c '%U' /var/lib/longwave-watch/state").stdout.strip() == "root"


def test_the_timer_looks_each_minute(server: Deployed) -> None:
    assert server.box.ssh("systemctl is-active longwave-watch.timer").stdout.strip() == "active"
    assert "longwave-watch" in server.box.ssh("systemctl list-timers --all --no-pager").stdout


def test_a_budget_can_be_asked_for(server: Deployed) -> None:
    look(server)
    assert told(server, "budget")["month"] == f"{datetime.now(UTC):%Y-%m}"


@pytest.fixture
def hook(server: Deployed) -> Iterator[Answering]:
    """A chat that the server tells, by a secret."""
    secret = "/etc/longwave/secrets/alarm_webhook"
    with server.net.inside(), answering(HOOK_PORT, address="10.77.0.1") as answers:
        server.box.ssh(f"umask 077 && cat > {secret} && rm -f {OWN}/alarms.json", input=HOOK)
        yield answers
        server.box.ssh(f"rm -f {secret} {OWN}/alarms.json")


def test_a_failed_unit_is_told_once_and_so_is_its_end(server: Deployed, hook: Answering) -> None:
    server.box.ssh("systemd-run --unit probe false; true")
    for _ in range(3):
        look(server)
    server.box.ssh("systemctl reset-failed probe")
    for _ in range(3):
        look(server)
    texts = [posted["text"] for posted in hook.posted if "unit probe.service" in posted["text"]]
    assert [text.split(":")[0] for text in texts] == ["ALARM", "over"], texts
    assert "journalctl -u probe.service" in texts[0]


def test_doctor_looks_at_the_machine(server: Deployed) -> None:
    checks = {check["name"]: check for check in told(server, "doctor")}
    for name in (
        "nginx.service",
        "nftables.service",
        "firewall",
        "longwave-watch.timer",
        "certificate as served",
        "memory",
        "service",
    ):
        assert checks[name]["remedy"] == "", checks[name]
    assert "cannot be asked" in checks["dns"]["found"]  # a guest has no name server
    assert checks["backup"]["remedy"]  # none is made here, and that is said


def test_the_checker_finds_all_well_from_outside(server: Deployed, tmp_path: Path) -> None:
    server.net.name_host(HOST, server.box)
    server.net.name_host(f"www.{HOST}", server.box)
    shutil.copy(outside.__file__, tmp_path / "outside.py")
    chain = server.box.root / "etc/longwave/tls/chain.pem"
    words = (
        "env",
        f"--chdir={tmp_path}",
        f"SSL_CERT_FILE={chain}",
        sys.executable,
        "-I",
        "-S",
        str(tmp_path / "outside.py"),
    )
    done = server.net.run(*words, f"https://{HOST}", f"https://www.{HOST}", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(line.startswith("ok ") for line in done.stdout.splitlines())


def test_the_unit_holds_no_more_rights_than_it_needs(server: Deployed) -> None:
    done = server.box.ssh("systemd-analyze security --no-pager --threshold=20 longwave-watch.service", check=False)
    assert done.returncode == 0, done.stdout.splitlines()[-1]
