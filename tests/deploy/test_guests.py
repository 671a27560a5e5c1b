"""The machines that deploys are tried on: they boot, are asked from outside, survive a reboot and a power cut."""

from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.deploy.debian import SUITES
from tests.deploy.guest import network


@pytest.mark.parametrize("suite", SUITES)
def test_a_bare_debian_boots_and_is_asked_from_outside(suite: str, tmp_path: Path) -> None:
    with network(tmp_path) as net, net.guest(suite) as box:
        assert box.ssh("systemctl is-system-running").stdout == "running\n"
        net.name_host("box.example", box)
        box.ssh("apt-get -qq update && apt-get -qq -y install --no-install-recommends nginx-light >/dev/null 2>&1")
        box.ssh("echo kept >/root/note && sync && echo lost >/root/unsynced")

        box.reboot()
        with net.inside():
            for address in (box.address, box.address6):
                connection = HTTPConnection(address, 80, timeout=10)
                connection.request("GET", "/")
                assert connection.getresponse().status == 200, address
        assert "nginx" in net.run("curl", "-s", "http://box.example/").stdout

        box.kill()
        assert net.run("curl", "-s", "-m", "2", "http://box.example/", check=False).returncode != 0
        box.boot()
        assert box.ssh("cat /root/note").stdout == "kept\n"
