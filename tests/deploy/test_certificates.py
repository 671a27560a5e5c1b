"""A certificate from an authority on a deployed server: issued, served, renewed under readers' eyes; a dead one costs nobody."""

import json
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import Struct

from tests.deploy.authority import Authority
from tests.deploy.deployed import HOST, SANDBOX, Deployed
from tests.deploy.guest import Network
from tests.deploy.reading import connected, read_all_the_time

LIFE_SECONDS, LONG_LIFE_SECONDS = 30, 86_400
NO_CHECK_TIME = ssl.VerifyFlags(0x200000)  # X509_V_FLAG_NO_CHECK_TIME
WWW = f"www.{HOST}"
STATE = "/var/lib/longwave-certificate"
RENEW = "systemctl start longwave-certificate.service"
FORGET = (
    f"rm -rf {STATE}/issued* {STATE}/account {STATE}/failure.json /etc/longwave/tls/*; "
    "/opt/longwave/bin/longwave server certificate"
)


class Served(Struct, frozen=True):
    serial: str
    names: frozenset[str]
    begins: float
    ends: float


@pytest.fixture
def authority(either: Deployed, tmp_path: Path) -> Iterator[Authority]:
    """It knows the site's own name and www at the server; nobody leads the third name there. Afterwards all is as it was."""
    box, facts = either.box, "/opt/longwave/current/configuration/certificate.json"
    made = Authority(either.net, box=box, folder=tmp_path, life_seconds=LIFE_SECONDS, port=24000)
    before = {path: box.ssh(f"cat {path}").stdout for path in (facts, "/etc/hosts")}
    wish = json.loads(before[facts]) | {"kind": "acme", "directory": made.directory}
    others = "".join(line for line in before["/etc/hosts"].splitlines(keepends=True) if HOST not in line)
    box.ssh(f"cat >{facts}", input=json.dumps(wish))
    box.ssh("cat >/etc/hosts", input=f"{others}{box.address} {HOST} {WWW}\n")
    box.ssh(FORGET)
    try:
        yield made
    finally:
        for path, text in before.items():
            box.ssh(f"cat >{path}", input=text)
        box.ssh(
            f"rm -f /usr/local/share/ca-certificates/authority-{made.port}.crt; update-ca-certificates >/dev/null 2>&1"
        )
        box.ssh(f"{FORGET}; systemctl reset-failed 'longwave-certificate*'; {RENEW}")


def test_the_one_command_leaves_a_certificate_of_the_authority(deployed13: Deployed) -> None:
    assert deployed13.authority
    found = served(deployed13.net, deployed13.authority, deployed13.box.address)
    assert found.names == {HOST, WWW, SANDBOX}
    assert "a certificate when it is due" in deployed13.said


def test_a_certificate_is_issued_and_renewed_without_a_failed_request(either: Deployed, authority: Authority) -> None:
    box, net = either.box, either.net
    with authority.running():
        authority.trusted_by(box)
        begun = time.monotonic()
        box.ssh(RENEW)
        print(f"\nissued and served in {time.monotonic() - begun:.1f} s")
        first = served(net, authority, box.address)
        assert first.names == {HOST, WWW}
        assert f"{SANDBOX}: not in the certificate" in state(either)["detail"]

    authority.life_seconds = LONG_LIFE_SECONDS
    with authority.running(), read_all_the_time(net, box.address, host=HOST, trusting=trusting(authority)) as answers:
        time.sleep(max(0.0, first.begins + LIFE_SECONDS * 2 / 3 + 1 - time.time()))
        box.ssh(RENEW)
        second = served(net, authority, box.address)
        box.ssh(RENEW)
        assert served(net, authority, box.address) == second, "a good one was given away"
        box.ssh("/opt/longwave/bin/longwave server certificate --again")
        third = served(net, authority, box.address)
    assert len({first.serial, second.serial, third.serial}) == 3
    assert len(answers) > 50
    assert set(answers) == {"200"}

    box.ssh(RENEW)
    box.ssh(f"touch {STATE}/again")
    assert box.ssh(RENEW, check=False).returncode != 0
    assert served(net, authority, box.address) == third
    assert "uacme" in state(either)["detail"]
    box.ssh(f"rm {STATE}/again")


def test_the_account_that_speaks_to_the_authority_can_do_nothing_else(server: Deployed) -> None:
    def tries(command: str) -> int:
        return server.box.ssh(f"runuser -u longwave-certificate -- {command}", check=False).returncode

    assert tries(f"test -w {STATE}/webroot") == 0
    for path in ("/etc/longwave/tls/key.pem", "/etc/longwave/secrets/pepper", "/var/lib/longwave/shop.sqlite"):
        assert tries(f"cat {path}") != 0


def state(server: Deployed) -> dict[str, str]:
    found: dict[str, str] = json.loads(server.box.ssh("cat /var/lib/longwave-watch/state/certificate.json").stdout)
    return found


def trusting(authority: Authority) -> ssl.SSLContext:
    """Whoever else signed is refused. A short life may end on a slow machine before the test has looked: no failed request."""
    tls = ssl.create_default_context(cafile=authority.roots)
    tls.verify_flags |= NO_CHECK_TIME
    return tls


def served(net: Network, authority: Authority, address: str) -> Served:
    """What a browser that trusts the authority is shown."""
    with net.inside(), connected(trusting(authority), address, HOST) as connection:
        found = connection.getpeercert()
    assert found
    names = frozenset(str(value) for kind, value in found["subjectAltName"] if kind == "DNS")
    begins, ends = (ssl.cert_time_to_seconds(str(found[name])) for name in ("notBefore", "notAfter"))
    return Served(str(found["serialNumber"]), names, begins, ends)
