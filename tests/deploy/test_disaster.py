"""A machine is lost while people buy; another, bare and of the next Debian, becomes it out of what a third one kept."""

import datetime as dt
import platform
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from api.sandbox.app import create_sandbox
from api.sandbox.settings import SandboxSettings
from deploy import wheelhouse
from deploy.backup import place
from deploy.cli_deploy import deploy
from deploy.facts import Target
from deploy.machine import service
from tests.command import ROOT
from tests.deploy.buyers import Buyers, browser
from tests.deploy.guest import Guest, Network, network
from tests.deploy.servers import until
from tests.stand_in import served

TARGETS = [
    Target(debian=12, architecture=platform.machine(), python=(3, 11)),
    Target(debian=13, architecture=platform.machine(), python=(3, 13)),
]
AWAY = dt.timedelta(seconds=5)  # time for a commit to get away on a machine that does three things at once
HOST = "signalpath.example"
ORDERS = (
    "import sqlite3; print('\\n'.join(r[0] for r in sqlite3.connect('/var/lib/longwave/shop.sqlite').execute("
    "'SELECT id FROM orders WHERE paid_at IS NOT NULL')))"
)


@contextmanager
def stand_in(net: Network, data: Path) -> Iterator[str]:
    """Stripe's, on the outside machine: it outlives every server."""
    with net.inside():
        listener = socket.create_server(("10.77.0.1", 8001))
        settings = SandboxSettings(data=data, url="http://10.77.0.1:8001", hosts=("10.77.0.1",))
        with served(create_sandbox(settings), listener=listener) as url:
            yield url


def project(folder: Path, net: Network, backups: place.Made) -> Path:
    for name in ("content", "theme"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "server.toml").write_text(f"""
mode = "sandbox"
[ssh]
administrators = ["{net.folder.joinpath("key.pub").read_text().strip()}"]
[site]
url = "https://{HOST}"
[certificate]
kind = "self_signed"
[backup]
target = "{backups.target}"
host_key = "{backups.host_key}"
""")
    return folder


def deployed(net: Network, box: Guest, folder: Path, *options: str) -> float:
    began = time.monotonic()
    words = [f"root@{box.address}", "--server", str(folder / "server.toml"), "--project", str(folder)]
    with net.inside():
        done = CliRunner().invoke(deploy, [*words, "--identity", str(net.folder / "key"), *options])
    print(done.output)
    assert done.exit_code == 0, done.output
    return time.monotonic() - began


def told(buyers: Buyers) -> int:
    return sum(each.told for each in buyers.bought)


def paid(box: Guest) -> set[str]:
    return set(box.ssh(f'python3 -c "{ORDERS}"').stdout.split())


def state(box: Guest, file: str) -> dict[str, Any]:
    return dict(msgspec.json.decode(box.ssh(f"cat {file}").stdout))


def test_a_machine_lost_during_purchases_comes_back_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "SANDBOX_API", "http://10.77.0.1:8001")
    for target in TARGETS:
        wheelhouse.gather(target)  # the network of guests has no way out
    folder = tmp_path / "project"
    (tmp_path / "net").mkdir()
    with (
        network(tmp_path / "net") as net,
        stand_in(net, tmp_path / "stripe"),
        net.guest("bookworm", name="kept") as kept,
    ):
        place.make_secrets(folder / "secrets")
        options = tuple(net.ssh_words(kept)[1:-1])
        with net.inside():
            backups = place.make(f"root@{kept.address}", name="signalpath", folder=folder / "secrets", options=options)
        project(folder, net, backups)

        with net.guest("bookworm", name="first") as first:
            deployed(net, first, folder)
            first.ssh("systemctl start longwave-backup.service")
            assert (
                "comes back"
                in first.ssh("systemctl start longwave-rehearsal && journalctl -u longwave-rehearsal").stdout
            )
            with net.inside(), browser(first.address, HOST) as anybody:
                product = next(each["id"] for each in anybody.get("/catalog.json").json()["courses"] if each["prices"])
                buyers = Buyers(first.address, HOST, product)
                buyers.start()
            until(lambda: told(buyers) >= 10 or bool(buyers.problem))
            first.ssh("systemctl stop longwave-litestream")  # what is sold from now on is on no other machine
            cut, before = dt.datetime.now(dt.UTC), told(buyers)
            until(lambda: told(buyers) >= before + 5 or bool(buyers.problem))
            first.kill()
            killed = dt.datetime.now(dt.UTC)
            buyers.stop()
        assert not first.root.exists()
        bought = buyers.bought

        began = time.monotonic()
        with net.guest("trixie", name="second") as second:
            booted = time.monotonic() - began
            deploying = deployed(net, second, folder, "--restore")
            with net.inside(), browser(second.address, HOST) as anybody:
                assert anybody.get("/").status_code == 200
                assert anybody.get("/readyz").status_code in {200, 404}  # nginx keeps it to itself
            total = time.monotonic() - began
            restored = state(second, "/var/lib/longwave-backup/restored.json")
            reconciled = state(second, "/var/lib/longwave-backup/reconciled.json")
            healed = {str(moved).partition(":")[0] for moved in reconciled["ids"]}  # "ord_…: unknown here -> paid"
            lost = [each for each in bought if each.order in healed]
            window = (killed - dt.datetime.fromisoformat(str(restored["changed"]))).total_seconds()
            print(
                f"{len(bought)} orders were paid; the last {window:.1f} s were lost, and {len(lost)} orders in them made anew."
            )
            print(f"Bare machine {booted:.1f} s, deploy --restore {deploying:.1f} s, together {total:.1f} s.")
            assert {each.order for each in bought} <= paid(second)
            assert len(lost) >= 4
            assert {each.order for each in bought if each.told and each.paid_at < cut - AWAY}.isdisjoint(
                each.order for each in lost
            )
            assert second.ssh("systemctl is-active longwave-litestream").stdout.strip() == "active"
            again = Buyers(second.address, HOST, product)
            with net.inside():
                again.start()
            until(lambda: any(each.told for each in again.bought) or bool(again.problem))
            again.stop()
            assert again.bought[0].order in paid(second)
