"""Debian's updates on a deployed server: nginx changes its program under open connections, services follow, reboots wait."""

import time

from tests.deploy.deployed import HOST, Deployed
from tests.deploy.reading import read_all_the_time
from tests.deploy.servers import until

UPGRADE = "DEBIAN_FRONTEND=noninteractive apt-get -q=2 -y install --reinstall nginx nginx-common"
NEW_LIBRARIES = "/etc/needrestart/restart.d/nginx.service"
MASTER = "cat /run/nginx.pid"
LOCK = "/var/lib/longwave-deploy/lock"


def test_an_upgrade_of_nginx_refuses_nobody(either: Deployed) -> None:
    server, before = either, either.box.ssh(MASTER).stdout
    with read_all_the_time(server.net, server.box.address, host=HOST) as answers:
        said = server.box.ssh(f"{UPGRADE} 2>&1").stdout
    assert "not running 'restart nginx.service'" in said
    assert server.box.ssh(MASTER).stdout != before, "the old program still runs"
    assert len(answers) > 20
    assert set(answers) == {"200"}


def test_nginx_takes_new_libraries_and_refuses_nobody(either: Deployed) -> None:
    server, before = either, either.box.ssh(MASTER).stdout
    with read_all_the_time(server.net, server.box.address, host=HOST) as answers:
        server.box.ssh(NEW_LIBRARIES)
        time.sleep(2)
    assert server.box.ssh(MASTER).stdout != before
    assert set(answers) == {"200"}
    systemd = server.box.ssh("systemctl show -p ActiveState -p MainPID nginx").stdout
    assert f"MainPID={server.box.ssh(MASTER).stdout.strip()}\n" in systemd
    assert "ActiveState=active" in systemd


def test_security_updates_are_wanted_every_day_and_restart_what_they_can(server: Deployed) -> None:
    allowed = server.box.ssh("unattended-upgrade --dry-run --debug 2>&1 | grep '^Allowed origins'").stdout
    assert "label=Debian-Security" in allowed
    settings = server.box.ssh("apt-config dump").stdout
    assert 'APT::Periodic::Unattended-Upgrade "1";' in settings
    assert 'Unattended-Upgrade::Automatic-Reboot "false";' in settings
    assert (
        server.box.ssh("systemctl is-active apt-daily-upgrade.timer longwave-reboot.timer").stdout == "active\nactive\n"
    )
    assert "NEEDRESTART-VER" in server.box.ssh("needrestart -r l -b").stdout


def test_the_window_of_reboots_passes_when_no_update_needs_one(server: Deployed) -> None:
    server.box.ssh("systemctl start longwave-reboot.service")
    assert "ConditionResult=no" in server.box.ssh("systemctl show -p ConditionResult longwave-reboot.service").stdout


def test_a_reboot_that_an_update_needs_waits_for_a_deploy_and_then_everything_answers_again(either: Deployed) -> None:
    def runs(command: str) -> bool:
        return either.box.ssh(command, check=False).returncode == 0

    either.box.ssh("touch /run/reboot-required /run/before")
    either.box.ssh(f"systemd-run --quiet --collect --unit=under-way flock {LOCK} sleep infinity")
    until(lambda: not runs(f"flock --nonblock {LOCK} true"))
    either.box.ssh("systemctl start --no-block longwave-reboot.service")
    until(lambda: runs("pgrep --full 'flock --timeout'"))
    assert either.ask("/").status == 200
    either.box.ssh("systemctl stop under-way", check=False)
    either.box.wait_for_its_reboot()
    assert not runs("test -e /run/before")
    until(lambda: either.ask("/api/openapi.json").status == 200)
    assert either.ask("/").status == 200
