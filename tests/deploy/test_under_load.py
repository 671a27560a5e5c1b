"""Readers, apps and phones who come at a constant rate while everything is changed under them: nobody of them gets an error.

Short here, long with --prove: 20 publishes, 5 deploys, 5 rollbacks.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.command import ROOT
from tests.deploy.deployed import Deployed
from tests.deploy.laid import HOST, Laid
from tests.deploy.servers import until

REQUESTS_PER_SECOND = 100
NEVER_FAIL = ("page", "feed", "media")
DOCUMENTED = {"fine", "503"}


def test_nothing_that_is_changed_gives_a_reader_an_error(laid: Laid, tmp_path: Path, prove: bool) -> None:
    publishes, deploys = (20, 5) if prove else (2, 1)
    with loaded(laid, tmp_path, "publish") as during:
        for _ in range(publishes):
            laid.activate("--confirm-within 0", site=laid.publish())
    with loaded(laid, tmp_path, "deploy", during):
        for _ in range(deploys):
            laid.activate("--confirm-within 60", environment=laid.another_environment())
            laid.server(f"confirm {laid.current()}")
    with loaded(laid, tmp_path, "roll back", during):
        for _ in range(deploys):
            laid.server("rollback --confirm-within 0")
    with loaded(laid, tmp_path, "reload nginx", during):
        laid.box.ssh("for n in 1 2 3 4 5; do systemctl reload nginx; sleep 0.3; done")
    with loaded(laid, tmp_path, "restart the service", during):
        laid.box.ssh(f"systemctl restart {laid.unit()}")
    with loaded(laid, tmp_path, "kill -9 the service", during):
        laid.box.ssh(f"kill -KILL $(systemctl show -p MainPID --value {laid.unit()})")
        until(lambda: laid.asked("/api/openapi.json") == 200)
    judge(during)


def test_a_whole_deploy_gives_a_reader_no_error(deployed12: Deployed, tmp_path: Path, prove: bool) -> None:
    server = deployed12.project / "server.toml"
    facts = server.read_text()
    deployed12.net.name_host(HOST, deployed12.box)
    try:
        with loaded(Laid(deployed12.box), tmp_path, "longwave deploy") as during:
            for number in range(5 if prove else 1):
                server.write_text(f"{facts}\n[limits]\nservice_memory_mb = {400 + number}\n")
                assert "nothing changed" not in deployed12.deploy().stdout
    finally:
        server.write_text(facts)
        deployed12.deploy()
    judge(during)


def judge(during: dict[str, dict[str, Any]]) -> None:
    for what, report in during.items():
        slowest = {kind: f"{value:.0f} ms" for kind, value in report["slowest_milliseconds"].items()}
        print(f"{what}: {report['requests']} requests, {report['results']}, slowest {slowest}")
    for what, report in during.items():
        results = report["results"]
        assert [kind for kind in NEVER_FAIL if set(results[kind]) != {"fine"}] == [], f"{what}: {results}"
        assert set(results["api"]) <= (DOCUMENTED if "kill" in what else {"fine"}), f"{what}: {results}"
        assert sum(results["api"].values()) > 20


@contextmanager
def loaded(
    laid: Laid,
    folder: Path,
    what: str,
    during: dict[str, dict[str, Any]] | None = None,
) -> Iterator[dict[str, dict[str, Any]]]:
    """Requests at a constant rate until the block ends; then `during[what]` says how they went."""
    during = {} if during is None else during
    plan, end = folder / "plan.json", folder / "end"
    end.unlink(missing_ok=True)
    plan.write_text(json.dumps({"host": HOST, "address": laid.box.address, "targets": targets(laid)}))
    words = [sys.executable, "-m", "tests.deploy.load", plan, "--per-second", REQUESTS_PER_SECOND, "--end", end]
    name = laid.box.network.name
    load = subprocess.Popen(
        ["ip", "netns", "exec", name, *map(str, words)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        yield during
    finally:
        end.touch()
        said, _ = load.communicate(timeout=60)
    during[what] = json.loads(said)


def targets(laid: Laid) -> list[dict[str, Any]]:
    head = laid.box.network.run("curl", "-skI", f"https://{HOST}/feed.xml").stdout
    known = re.findall(r"(?im)^etag: (\S+)", head)[0]
    zipped = ["Accept-Encoding", "gzip"]
    return [
        {"kind": "page", "path": "/", "weight": 8, "headers": [zipped]},
        {"kind": "page", "path": "/posts/", "weight": 4},
        {"kind": "feed", "path": "/feed.xml", "weight": 3, "headers": [zipped]},
        {"kind": "feed", "path": "/feed.xml", "weight": 6, "fine": [200, 304], "headers": [["If-None-Match", known]]},
        {"kind": "media", "path": laid.audio(), "weight": 4, "fine": [206], "headers": [["Range", "bytes=0-65535"]]},
        {"kind": "api", "path": "/api/openapi.json", "weight": 4, "headers": [zipped]},
        {"kind": "api", "path": "/api/account", "weight": 4, "fine": [401]},
    ]
