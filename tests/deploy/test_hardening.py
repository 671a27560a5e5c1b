"""How hard a deployed server is, seen from outside and by graders: open ports, SSH, units, answers, lynis, who may read what."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.deploy.deployed import HOST, Deployed
from tests.deploy.outside_scan import accepted, answering_udp, open_tcp
from tests.deploy.servers import until

BAIT = 8765
ALL_PORTS = range(1, 65536)
SCORE_LEAST = 70
# What every key exchange is told but the newest ones, which stand before them in the list.
NOT_WEAK = "does not provide protection against post-quantum attacks"
# Who runs programs of ours, or takes what strangers send.
ACCOUNTS = (
    "longwave",
    "longwave-site",
    "longwave-build",
    "longwave-certificate",
    "longwave-watch",
    "www-data",
    "nobody",
)


@contextmanager
def bait(server: Deployed) -> Iterator[None]:
    """Somebody on the machine listens on all addresses, by mistake: TCP accepts, UDP answers what it is told."""
    program = (
        "import socket, threading\n"
        f"tcp = socket.create_server(('::', {BAIT}), family=socket.AF_INET6, dualstack_ipv6=True)\n"
        "udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)\n"
        f"udp.bind(('::', {BAIT}))\n"
        "threading.Thread(target=lambda: [tcp.accept() for _ in iter(int, 1)]).start()\n"
        "for message, sender in iter(lambda: udp.recvfrom(2048), None): udp.sendto(message, sender)\n"
    )
    (server.box.root / "root/bait.py").write_text(program)
    server.box.ssh("systemd-run --quiet --collect --unit=bait /usr/bin/python3 /root/bait.py")
    until(lambda: str(BAIT) in listening(server, "tcp") and str(BAIT) in listening(server, "udp"))
    try:
        yield
    finally:
        server.box.ssh("systemctl kill -s KILL bait; rm /root/bait.py")


def listening(server: Deployed, protocol: str) -> set[str]:
    lines = server.box.ssh(f"ss -Hln --{protocol}").stdout.splitlines()
    return {line.split()[3].rpartition(":")[2] for line in lines}


@pytest.mark.parametrize("family", ["address", "address6"])
def test_open_are_ssh_and_the_web_alone_whoever_listens(server: Deployed, family: str, prove: bool) -> None:
    address, http3 = getattr(server.box, family), {443} if server.box.suite == "trixie" else set()
    with bait(server):
        tcp = ALL_PORTS if prove else {22, 80, 443, 9100, *map(int, listening(server, "tcp"))}
        with server.net.inside():
            assert open_tcp(address, tcp) == {22, 80, 443}
            assert answering_udp(address, {443, *map(int, listening(server, "udp"))}) == http3


@contextmanager
def as_a_stranger(server: Deployed, number: int) -> Iterator[None]:
    """From addresses of their own: OpenSSH 10 shuts out who comes often and never signs in, and the tests have to sign in."""
    for address, stranger in (
        (f"{server.box.address}/32", f"10.77.0.{number}"),
        (f"{server.box.address6}/128", f"fd77::{number}"),
    ):
        length = "24" if "." in address else "64"
        ip(server, "addr", "add", f"{stranger}/{length}", "dev", "bridge", *(() if "." in address else ("nodad",)))
        ip(server, "route", "add", address, "dev", "bridge", "src", stranger)
    try:
        yield
    finally:
        for address, stranger in (
            (server.box.address, f"10.77.0.{number}/24"),
            (server.box.address6, f"fd77::{number}/64"),
        ):
            ip(server, "route", "del", address, "dev", "bridge")
            ip(server, "addr", "del", stranger, "dev", "bridge")


def ip(server: Deployed, *words: str) -> None:
    subprocess.run(["ip", "-n", server.net.name, *words], check=True)


@pytest.mark.parametrize("family", ["address", "address6"])
def test_a_crowd_of_connections_to_ssh_is_slowed_down_and_the_web_is_not(either: Deployed, family: str) -> None:
    address = getattr(either.box, family)
    with as_a_stranger(either, 250), either.net.inside():
        assert accepted(address, 443, times=120) == 120
        assert 50 <= accepted(address, 22, times=120) < 80


def test_ssh_audit_finds_nothing_weak(server: Deployed) -> None:
    with as_a_stranger(server, 249):
        program = Path(sys.executable).with_name("ssh-audit")
        graded = server.net.run(str(program), "--json", "--skip-rate-test", server.box.address, check=False)
    found = json.loads(graded.stdout)
    notes = [
        (part, offered["algorithm"], offered["notes"].get(level))
        for part in ("kex", "key", "enc", "mac")
        for offered in found[part]
        for level in ("fail", "warn")
        if offered["notes"].get(level, []) not in ([], [NOT_WEAK])
    ]
    assert notes == []
    assert [key["algorithm"] for key in found["key"]] == ["ssh-ed25519"]


def test_sshd_takes_keys_of_these_people_and_nothing_else(server: Deployed) -> None:
    told = dict(line.split(" ", 1) for line in server.box.ssh("sshd -T").stdout.splitlines() if " " in line)
    refused = ("passwordauthentication", "kbdinteractiveauthentication", "x11forwarding", "allowtcpforwarding")
    assert {told[name] for name in refused} == {"no"}
    assert (told["permitrootlogin"], told["authenticationmethods"]) == ("without-password", "publickey")
    assert told["authorizedkeysfile"] == "/opt/longwave/current/configuration/keys/%u"
    password = ["-o", "PubkeyAuthentication=no", "-o", "PreferredAuthentications=password,keyboard-interactive"]
    words = ["ssh", *password, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]
    asked = server.net.run(*words, "-o", "BatchMode=yes", f"root@{server.box.address}", "true", check=False)
    assert "Permission denied (publickey)" in asked.stderr


def test_nginx_is_held_by_its_sandbox(server: Deployed) -> None:
    """Debian's own unit has 9.6. Ours has to start as root, which costs the most of what is left."""
    said = server.box.ssh("systemd-analyze security --no-pager nginx.service").stdout
    assert float(re.findall(r"exposure level for nginx.service: ([0-9.]+)", said)[0]) <= 2.7


def test_no_unit_has_failed(server: Deployed) -> None:
    assert server.box.ssh("systemctl --failed --plain --no-legend").stdout == ""


def test_lynis_grades_the_server_at_seventy_or_more(either: Deployed) -> None:
    """A bare Debian with nginx has 58."""
    either.box.ssh("apt-get -q=2 install --no-install-recommends -y lynis >/dev/null 2>&1")
    try:
        either.box.ssh("lynis audit system --quick --quiet --no-colors >/dev/null 2>&1", check=False)
        report = either.box.ssh("cat /var/log/lynis-report.dat").stdout
    finally:
        either.box.ssh("apt-get -q=2 purge -y --autoremove lynis >/dev/null 2>&1; rm -f /var/log/lynis*")
    score = int(re.findall(r"^hardening_index=(\d+)", report, re.M)[0])
    print(f"\n{either.box.suite}: lynis {score}")
    assert score >= SCORE_LEAST, "\n".join(re.findall(r"^(?:suggestion|warning).*", report, re.M))


def test_secrets_are_read_by_root_alone(server: Deployed) -> None:
    for secret in ("/etc/longwave/secrets/pepper", "/etc/longwave/media-keys.conf", "/etc/longwave/tls/key.pem"):
        assert readers(server, secret) == []
    found = server.box.ssh("find -L /etc/longwave/secrets /etc/longwave/tls -type f -perm /077").stdout
    assert found == ""


def test_the_shop_is_read_by_the_service_alone(server: Deployed) -> None:
    assert readers(server, "/var/lib/longwave/shop.sqlite") == ["longwave"]


def test_nobody_can_change_what_they_run_or_serve(server: Deployed) -> None:
    """Programs, units, firewall and keys are root's; the site is what the build wrote and nobody else's."""
    places = "/opt/longwave /etc/longwave /srv/longwave/www/releases /etc/systemd/system"
    assert writable(server, places) == []
    assert f"{ACCOUNTS[0]} /var/lib/longwave" in writable(server, "/var/lib")


def writable(server: Deployed, places: str) -> list[str]:
    """By one of the accounts: which, and what."""
    look = f"find -L {places} -maxdepth 4 ! -type s ! -samefile /dev/null -writable -printf '{{}} %p\\n' 2>/dev/null"
    commands = (f"runuser -u {account} -- {look.format(account)}" for account in ACCOUNTS)
    return server.box.ssh("; ".join(commands), check=False).stdout.splitlines()


def test_no_file_of_ours_is_for_everybody_to_change(server: Deployed) -> None:
    places = "/opt/longwave /etc/longwave /srv/longwave /var/lib/longwave /var/lib/longwave-certificate /var/log"
    assert server.box.ssh(f"find {places} -xdev ! -type l -perm -o+w").stdout == ""


def readers(server: Deployed, path: str) -> list[str]:
    return [
        user for user in ACCOUNTS if server.box.ssh(f"runuser -u {user} -- test -r {path}", check=False).returncode == 0
    ]


def test_mdn_s_observatory_grades_the_site_with_the_best_mark(either: Deployed, node_modules: Path) -> None:
    """It asks the same server as browsers do; it would load a list of sites with HSTS from the internet, so it has an empty one."""
    program = node_modules / "@mdn/mdn-http-observatory"
    (program / "conf/hsts-preload.json").write_text("{}")
    trusted = either.net.folder / "served.pem"
    roots = either.authority.roots.read_text() if either.authority else ""
    trusted.write_text(roots or either.box.ssh("cat /etc/longwave/tls/chain.pem").stdout)
    either.net.name_host(HOST, either.box)
    words = ["env", f"NODE_EXTRA_CA_CERTS={trusted}", "node", str(program / "src/scan.js"), HOST]
    graded = json.loads(either.net.run(*words).stdout)
    failed = [name for name, test in graded["tests"].items() if not test["pass"]]
    assert (graded["scan"]["grade"], failed) == ("A+", [])


def test_the_clock_is_kept_right(server: Deployed) -> None:
    """Debian does not run it in a container, whose clock is its host's: here it can only be seen that it is wanted."""
    wanted = server.box.ssh("systemctl is-enabled systemd-timesyncd").stdout.strip()
    condition = server.box.ssh("systemctl show -p ConditionResult -p ActiveState systemd-timesyncd").stdout
    print(f"\ntime: {wanted}; in this container: {' '.join(condition.split())}")
    assert wanted == "enabled"
