"""A release becomes what a server serves, or leaves everything as it was: on a Debian that really boots, asked from outside."""

import json
import sys
import time

import pytest

from tests.deploy.laid import FIREWALL, LONGWAVE, Laid
from tests.deploy.servers import until

BACK_SECONDS_MAX = 60


def test_a_first_release_serves_pages_feed_audio_and_the_service(laid: Laid) -> None:
    for path, status in (
        ("/", 200),
        ("/feed.xml", 200),
        ("/api/openapi.json", 200),
        ("/api/account", 401),
        ("/nothing", 404),
    ):
        assert laid.asked(path) == status, path
    assert laid.asked(laid.audio(), "--range 0-999") == 206
    assert laid.status()["problems"] == []
    assert laid.box.ssh("systemctl --failed --plain --no-legend").stdout == ""


def test_the_same_parts_again_change_nothing(laid: Laid) -> None:
    release = laid.status()["release"]
    again = laid.activate(
        environment=release["environment"], configuration=release["configuration"], site=release["site"]
    )
    assert (again["id"], again["changed"], again["steps"]) == (release["id"], [], [])
    assert laid.server("activate").stdout.startswith(f"nothing changed: {release['id']}")


def test_a_release_waits_until_it_is_confirmed_and_nobody_changes_the_server_meanwhile(laid: Laid) -> None:
    made = laid.activate("--fresh --confirm-within 60")
    refused = laid.server("activate --fresh", check=False)
    assert (refused.returncode, f"release {made['id']} waits to be confirmed until" in refused.stderr) == (1, True)
    assert laid.box.ssh("systemctl is-active longwave-deadman.timer", check=False).stdout == "active\n"
    assert laid.server(f"confirm {made['id']}").stdout == f"kept {made['id']}\n"
    assert laid.box.ssh("systemctl is-active longwave-deadman.timer", check=False).stdout == "inactive\n"
    assert "longwave-pending" not in laid.box.ssh("ls -R /etc/systemd/system").stdout
    assert (laid.current(), laid.status()["pending"]) == (made["id"], None)
    assert laid.server(f"confirm {made['id']}").returncode == 0, "a second time does no harm"


def test_a_release_that_waits_is_taken_back_by_hand(laid: Laid) -> None:
    made = laid.activate("--confirm-within 60", configuration=laid.another_configuration({}))
    assert laid.server("revert").stdout == f"back to {made['parent']}\n"
    assert laid.current() == made["parent"]
    late = laid.server(f"confirm {made['id']}", check=False)
    assert (late.returncode, "is not current" in late.stderr) == (1, True)
    assert laid.server("revert").stdout == "nothing waits to be confirmed\n"


def test_who_changes_the_server_is_named_to_the_next(laid: Laid) -> None:
    holder = (
        "import deploy.server.audit as a, time\nwith a.lock('maren'):\n    print('held', flush=True); time.sleep(60)"
    )
    python = "/opt/longwave/current/environment/bin/python"
    laid.box.ssh(f'systemd-run --quiet --unit holder --collect {python} -I -c "{holder}"')
    until(lambda: "maren" in laid.box.ssh("cat /var/lib/longwave-deploy/lock").stdout)
    refused = laid.server("activate --fresh", check=False)
    assert refused.returncode == 1
    assert "this server is being changed by maren (process" in refused.stderr
    laid.box.ssh("systemctl stop holder")


def test_a_release_that_nobody_confirms_goes_back_by_itself(laid: Laid) -> None:
    before, page = laid.current(), laid.page("/")
    made = laid.activate("--fresh --confirm-within 3")
    assert laid.current() == made["id"] != before
    begun = time.monotonic()
    until(lambda: laid.current() == before)
    assert time.monotonic() - begun < BACK_SECONDS_MAX
    until(lambda: laid.status()["pending"] is None)
    assert (laid.page("/"), laid.asked("/api/openapi.json")) == (page, 200)
    entry = laid.log()[-1]
    assert (entry["what"], entry["who"], entry["release"], entry["result"]) == (
        *("revert", "dead man's timer"),
        *(made["id"], f"back to {before}"),
    )


def test_a_power_cut_while_a_release_waits_ends_in_the_release_before(laid: Laid) -> None:
    before = laid.current()
    made = laid.activate("--confirm-within 300", environment=laid.another_environment())
    assert laid.current() == made["id"]
    laid.box.ssh("sync")
    laid.box.kill()
    laid.box.boot()
    assert laid.current() == before
    until(lambda: laid.asked("/api/openapi.json") == 200)
    assert laid.status()["problems"] == []
    assert laid.log()[-1]["who"] == "boot"


def test_what_is_served_is_served_again_after_a_reboot(laid: Laid) -> None:
    before = laid.current()
    laid.box.reboot()
    assert laid.current() == before
    until(lambda: laid.asked("/api/openapi.json") == 200)
    assert laid.status()["problems"] == []
    assert laid.box.ssh("nft list ruleset").stdout.count("dport") == 1


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("does not start", ["the service of this release does not start"]),
        ("is not ready", ["/readyz says"]),
        ("has a unit that does not start", ["longwave-broken.service"]),
        ("has files that nobody can read", ["nginx", "nft", "sshd", "systemd does not understand a unit"]),
    ],
)
def test_a_release_that_cannot_serve_is_refused_and_nothing_changes(laid: Laid, what: str, told: list[str]) -> None:
    before, page, kept = laid.current(), laid.page("/"), laid.kept()
    begun = time.monotonic()
    refused = laid.server(f"activate --by tester {broken(laid, what)}", check=False)
    seconds = time.monotonic() - begun
    print(f"a release that {what}: refused after {seconds:.1f} s")
    assert (refused.returncode, [said for said in told if said not in refused.stderr]) == (1, []), refused.stderr
    assert "Traceback" not in refused.stderr
    assert seconds < BACK_SECONDS_MAX
    assert (laid.current(), laid.page("/"), laid.status()["problems"]) == (before, page, [])
    assert laid.asked("/api/openapi.json") == 200
    entry = laid.log()[-1]
    assert entry["result"].startswith("refused: ")
    assert set(laid.kept()) - set(kept) <= {entry["release"]}


def broken(laid: Laid, what: str) -> str:
    """The parts of a release that …"""
    match what:
        case "does not start":
            main = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages/api/__main__.py"
            return f"--environment {laid.another_environment({main: 'raise SystemExit(3)'})}"
        case "is not ready":
            nowhere = laid.text("service.env").replace("/opt/longwave/current/site/public", "/nowhere")
            return f"--configuration {laid.another_configuration({'service.env': nowhere})}"
        case "has a unit that does not start":
            unit = "[Service]\nType=notify\nExecStart=/bin/false\n[Install]\nWantedBy=multi-user.target\n"
            return f"--configuration {laid.another_configuration({'systemd/longwave-broken.service': unit})}"
        case _:
            return f"--configuration {laid.another_configuration(UNREADABLE)}"


UNREADABLE = {
    "nginx/snippets/errors.conf": "error_page 403 404 = /404.html\n",
    "nftables.conf": "table inet longwave { chain input { tcp dport { 22 accept } }\n",
    "sshd.conf": "PasswordAuthentication maybe\n",
    "systemd/longwave-api-blue.service": "[Service]\nExecStartt=/bin/true\n",
    "systemd/longwave-api-green.service": "[Service]\nExecStartt=/bin/true\n",
}


@pytest.mark.parametrize(
    ("what", "changes"),
    [
        ("sshd lets nobody in", {"sshd.conf": "AllowUsers nobody\n"}),
        ("the firewall lets no SSH through", {"nftables.conf": FIREWALL.replace("22, ", "")}),
    ],
)
def test_a_release_that_locks_everybody_out_goes_back_by_itself(laid: Laid, what: str, changes: dict[str, str]) -> None:
    before, name = laid.current(), laid.another_configuration(changes)
    with laid.box.network.open_ssh(laid.box) as connection:  # as the deployer has it from before
        made = json.loads(connection(f"{LONGWAVE} server activate --json --configuration {name} --confirm-within 10"))
        begun = time.monotonic()
        assert not gets_in(laid), f"{what}: nobody was locked out"
        until(lambda: gets_in(laid))
    print(f"{what}: back after {time.monotonic() - begun:.1f} s")
    assert time.monotonic() - begun < BACK_SECONDS_MAX
    assert laid.current() == before == made["parent"]
    until(lambda: laid.status()["pending"] is None)
    assert laid.status()["problems"] == []


def gets_in(laid: Laid) -> bool:
    """Over a new connection, within a second."""
    *words, who = laid.box.network.ssh_words(laid.box)
    return laid.box.network.run(*words, "-o", "ConnectTimeout=1", who, "true", check=False).returncode == 0


def test_a_deployer_that_dies_half_way_leaves_the_release_before(laid: Laid) -> None:
    before = laid.current()
    slow = laid.another_configuration({"systemd/longwave-slow.service": SLOW_UNIT})
    laid.box.ssh(
        f"systemd-run --quiet --unit deployer --collect {LONGWAVE} server activate --configuration {slow} --confirm-within 5"
    )
    until(lambda: laid.current() != before)
    laid.box.ssh("systemctl kill -s KILL deployer")
    until(lambda: laid.current() == before)
    until(lambda: laid.status()["pending"] is None)
    assert laid.status()["problems"] == []


SLOW_UNIT = """[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sleep 20
[Install]
WantedBy=multi-user.target
"""


def test_a_publish_changes_the_site_alone_and_a_rollback_gives_the_same_bytes(laid: Laid) -> None:
    first, page, process, rows = laid.status()["release"], laid.page("/posts/"), processes(laid), tables(laid)
    made = laid.activate("--confirm-within 0", site=laid.publish("a word from an editor"))
    now = laid.status()["release"]
    assert (made["changed"], now["colour"], now["environment"]) == (["site"], first["colour"], first["environment"])
    assert processes(laid) == process
    assert laid.page("/posts/") != page
    back = json.loads(laid.server("rollback --json --confirm-within 0 --by tester").stdout)
    now = laid.status()["release"]
    assert [now[part] for part in PARTS] == [first[part] for part in PARTS]
    assert (laid.page("/posts/"), tables(laid)) == (page, rows)
    assert (back["id"], laid.log()[-1]["what"]) == (now["id"], "rollback")
    unknown = laid.server("rollback 20000101T000000Z-00000000", check=False)
    assert (unknown.returncode, "there is no release 20000101T000000Z-00000000" in unknown.stderr) == (1, True)


PARTS = ("environment", "configuration", "site")


def processes(laid: Laid) -> str:
    return laid.box.ssh("systemctl show -p MainPID --value longwave-api-blue longwave-api-green").stdout


def tables(laid: Laid) -> str:
    """The shop's tables and their newest row."""
    ask = "SELECT count(*), max(rowid) FROM sqlite_master"
    python = f"import sqlite3; print(*sqlite3.connect('/var/lib/longwave/shop.sqlite').execute('{ask}'))"
    return laid.box.ssh(f'python3 -c "{python}"').stdout


def test_old_releases_go_and_what_can_be_gone_back_to_stays(laid: Laid) -> None:
    done = [entry for entry in laid.log() if entry["what"] in ("activate", "rollback") and entry["result"] == "ok"]
    for number in range(max(1, 7 - len(done))):
        changes = {"nginx/snippets/marker.conf": f"# {number}\n"}
        made = laid.activate("--confirm-within 0", configuration=laid.another_configuration(changes))
    kept = laid.kept()
    assert made["id"] in kept and made["parent"] in kept
    assert 5 <= len(kept) <= 7
