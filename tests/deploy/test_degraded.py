"""What is still served when the service is dead or meant to rest, and what is said to those who ask for it. Asked from outside."""

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.deploy.laid import HOST, Laid
from tests.deploy.links import changed, link
from tests.deploy.servers import until

SERVED = ("/", "/posts/", "/feed.xml", "/account/", "/checkout/done/")
ASKED = ("/api/account", "/api/openapi.json", "/api/v1/changes", "/subscriptions/someone.json")


# Closes and opens the service's addresses in turn, and tells what the very next request got.
SWITCHING = f"""
import http.client, socket, ssl
from deploy.server import maintenance, web_server

def ask():
    tls = ssl._create_unverified_context()
    connection = http.client.HTTPConnection("{HOST}")
    connection.sock = tls.wrap_socket(socket.create_connection(("127.0.0.1", 443)), server_hostname="{HOST}")
    connection.request("GET", "/api/openapi.json")
    print(connection.getresponse().status)

for _ in range(10):
    maintenance.CLOSED.write_bytes(maintenance.RETURN)
    web_server.reload()
    ask()
    maintenance.CLOSED.unlink()
    web_server.reload()
    ask()
"""


@pytest.fixture
def awake(laid: Laid) -> Iterator[Laid]:
    yield laid
    laid.server("maintenance off")
    until(lambda: laid.asked("/api/openapi.json") == 200)


def test_a_dead_service_takes_nothing_with_it_but_its_own_addresses(awake: Laid) -> None:
    colour = awake.status()["release"]["colour"]
    awake.box.ssh(f"systemctl stop longwave-api-{colour}.socket longwave-api-{colour}.service")
    assert {path: awake.asked(path) for path in SERVED} == dict.fromkeys(SERVED, 200)
    assert awake.asked(awake.audio(), "--range 0-999") == 206
    assert {path: awake.asked(path) for path in ASKED} == dict.fromkeys(ASKED, 503)
    says_so(awake)
    awake.box.ssh("systemctl start longwave-revive.service")
    assert awake.asked("/api/openapi.json") == 200, "the timer's look has started it again"


def test_a_signed_link_opens_its_file_while_the_service_is_dead(awake: Laid) -> None:
    secret = re.findall(r'"(.+)"', awake.box.ssh("cat /etc/longwave/media-keys.conf").stdout)[0]
    (awake.box.root / "srv/longwave/videos/night.mp4").write_bytes(b"v" * 5000)
    awake.server("maintenance on")
    good = link("night.mp4", secret=secret)
    assert awake.asked(good, "--range 0-999") == 206
    assert awake.asked(changed(good, account="acc_eve")) == 403


def test_what_nginx_was_told_holds_for_the_very_next_request(awake: Laid) -> None:
    program = "/opt/longwave/current/environment/bin/python -I -"
    assert awake.box.ssh(program, input=SWITCHING).stdout.split() == ["503", "200"] * 10


def test_the_service_rests_until_it_is_told_otherwise(awake: Laid) -> None:
    assert awake.server("maintenance on").stdout == "accounts and checkout rest\n"
    assert {path: awake.asked(path) for path in SERVED} == dict.fromkeys(SERVED, 200)
    says_so(awake)
    awake.box.ssh("systemctl start longwave-revive.service")
    assert awake.asked("/api/openapi.json") == 503, "nobody starts it meanwhile"
    refused = awake.server("activate --fresh", check=False)
    assert (refused.returncode, "accounts and checkout rest" in refused.stderr) == (1, True)
    awake.box.reboot()
    until(lambda: awake.asked("/") == 200)
    assert awake.asked("/api/openapi.json") == 503, "not even a reboot"
    assert awake.server("maintenance off").stdout == "everything is served again\n"
    assert awake.asked("/api/openapi.json") == 200
    said = [entry["what"] for entry in awake.log()[-3:]]
    assert said == ["maintenance on", "activate", "maintenance off"]


def test_everything_rests_and_comes_back_at_its_time(awake: Laid) -> None:
    until_then = datetime.now(UTC) + timedelta(seconds=14)
    awake.server(f"maintenance on --everything --until {until_then:%Y-%m-%dT%H:%M:%SZ}")
    assert {path: awake.asked(path) for path in (*SERVED, *ASKED)} == dict.fromkeys((*SERVED, *ASKED), 503)
    says_so(awake, at="/")
    assert "Back in a moment" in told(awake, "/", "text/html")
    until(lambda: awake.asked("/") == 200)
    until(lambda: awake.asked("/api/openapi.json") == 200)
    assert awake.status()["maintenance"]["is_on"] is False
    over = awake.server("maintenance on --until 2020-01-01T00:00Z", check=False)
    assert (over.returncode, "is over" in over.stderr) == (1, True)


def test_a_service_that_hangs_is_started_again_by_the_watchdog(laid: Laid, prove: bool) -> None:
    unit = laid.unit()
    shorter = f"mkdir -p /run/systemd/system/{unit}.d && printf '[Service]\\nWatchdogSec=3\\n' >/run/systemd/system/{unit}.d/t.conf"
    if not prove:
        laid.box.ssh(f"{shorter} && systemctl daemon-reload && systemctl restart {unit}")
    process = laid.box.ssh(f"systemctl show -p MainPID --value {unit}").stdout
    time.sleep(5)
    assert laid.box.ssh(f"systemctl show -p MainPID --value {unit}").stdout == process, "a healthy one is left alone"
    laid.box.ssh(f"kill -STOP {process}")
    until(lambda: laid.box.ssh(f"systemctl show -p MainPID --value {unit}").stdout not in (process, "0\n"))
    until(lambda: laid.asked("/api/openapi.json") == 200)
    laid.box.ssh(f"rm -rf /run/systemd/system/{unit}.d && systemctl daemon-reload")


def test_secrets_reach_the_service_as_credentials_and_nobody_else(laid: Laid) -> None:
    laid.box.ssh("umask 077; printf '%s' not-for-everybody-not-for-everybody >/etc/longwave/secrets/pepper")
    laid.activate("--fresh --confirm-within 0")
    unit = laid.unit()
    process = laid.box.ssh(f"systemctl show -p MainPID --value {unit}").stdout.strip()
    folder = laid.box.ssh(
        f"tr '\\0' '\\n' </proc/{process}/environ | sed -n s/^CREDENTIALS_DIRECTORY=//p"
    ).stdout.strip()
    assert laid.box.ssh(f"cat /proc/{process}/root{folder}/pepper").stdout == "not-for-everybody-not-for-everybody"
    assert (
        "not-for-everybody"
        not in laid.box.ssh(f"cat /proc/{process}/environ /proc/{process}/cmdline | tr '\\0' ' '").stdout
    )
    for user in ("www-data", "nobody"):
        refused = laid.box.ssh(
            f"setpriv --reuid {user} --clear-groups cat /etc/longwave/secrets/pepper {folder}/pepper", check=False
        )
        assert "not-for-everybody" not in refused.stdout, user
    reads = "cat /etc/longwave/secrets/pepper; ls /etc/longwave /srv/longwave/build"
    inside = f"nsenter -t {process} -m setpriv --reuid longwave --clear-groups sh -c '{reads}'"
    assert "not-for-everybody" not in laid.box.ssh(inside, check=False).stdout


def says_so(laid: Laid, at: str = "/api/account") -> None:
    """503 with Retry-After: a page for a person, a problem document for a program."""
    assert "<h1>" in told(laid, at, "text/html")
    problem = json.loads(told(laid, at, "application/json"))
    assert (problem["status"], problem["code"]) == (503, "unavailable")


def told(laid: Laid, path: str, accept: str) -> str:
    answer = laid.box.network.run("curl", "-ski", "-H", f"Accept: {accept}", f"https://{HOST}{path}").stdout
    head, _, body = answer.partition("\n\n") if "\r\n" not in answer else answer.partition("\r\n\r\n")
    assert "503" in head.splitlines()[0]
    assert re.search(r"(?im)^retry-after: \d+", head), head
    kind = "text/html; charset=utf-8" if "html" in accept else "application/problem+json"
    assert f"content-type: {kind}" in head.lower(), head
    return body
