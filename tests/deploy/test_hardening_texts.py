"""What the hardening concerns want of a machine, as text: what holds on every Debian and for every fact."""

import re
from pathlib import Path

import pytest

from deploy.machine import certificates, everything, firewall, kernel, ssh, surface, updates
from deploy.machine.resources import File, Package
from deploy.machine.texts import FILES, text
from tests.deploy.test_machine import TARGETS, server


def test_udp_is_open_only_where_nginx_speaks_http3() -> None:
    twelve, thirteen = (firewall.configuration(server(target))["nftables.conf"] for target in TARGETS)
    assert "udp dport 443 accept" not in twelve
    assert "udp dport 443 accept" in thirteen


def test_another_ssh_port_is_another_for_firewall_and_sshd_alike() -> None:
    moved = server(ssh={"port": 2222})
    assert "tcp dport 2222 ct state new" in firewall.configuration(moved)["nftables.conf"]
    assert "\nPort 2222\n" in ssh.configuration(moved)["sshd.conf"]


def test_whoever_deploys_may_sign_in_beside_root_and_editors() -> None:
    assert "AllowUsers root debian longwave-site" in ssh.configuration(server(ssh={"user": "debian"}))["sshd.conf"]


def test_a_machine_that_may_not_reboot_has_no_timer_for_it() -> None:
    assert set(updates.configuration(server())) == {"systemd/longwave-reboot.service", "systemd/longwave-reboot.timer"}
    assert updates.configuration(server(updates={"reboot": False})) == {}


def test_reboots_wait_for_the_window_of_the_facts() -> None:
    timer = updates.configuration(server(updates={"reboot_at": "Mon *-*-* 02:00"}))["systemd/longwave-reboot.timer"]
    assert "OnCalendar=Mon *-*-* 02:00\n" in timer


def test_every_host_of_the_site_is_in_its_certificate_once_and_its_own_comes_first() -> None:
    assert certificates.names(server(mode="live")) == ["signalpath.example", "www.signalpath.example"]


def test_a_sandbox_shows_its_payment_pages_under_a_name_of_the_certificate() -> None:
    assert "sandbox.signalpath.example" in certificates.names(server(mode="sandbox"))


def test_nothing_is_both_installed_and_removed() -> None:
    packages = [each for each in everything.resources(server()) if isinstance(each, Package)]
    wanted = {each.name for each in packages if not each.absent}
    assert not wanted & {each.name for each in packages if each.absent}
    assert set(surface.UNWANTED) == {each.name for each in packages if each.absent}


def test_what_a_kernel_lacks_stops_nothing() -> None:
    """A leading '-' goes on without: one knob that a kernel has not would leave all that follow."""
    lines = [line for line in text("sysctl.conf").splitlines() if line and not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"-[a-z0-9_.-]+ = \S.*", line)] == []


def test_no_knob_is_turned_twice() -> None:
    names = re.findall(r"^-([a-z0-9_.-]+) =", text("sysctl.conf"), re.M)
    assert sorted(set(names)) == sorted(names)


def test_a_text_whose_fact_is_missing_is_refused() -> None:
    with pytest.raises(KeyError):
        text("sshd.conf")


def test_every_placeholder_of_every_file_is_filled() -> None:
    made = [each.text for each in everything.resources(server()) if isinstance(each, File)]
    for whole in (*made, *everything.configuration(server()).values()):
        assert not re.findall(r"@[A-Z][A-Z0-9_]*@", whole)


@pytest.mark.parametrize("path", sorted(FILES.iterdir()), ids=lambda path: path.name)
def test_every_file_says_what_it_is_for(path: Path) -> None:
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#!")]
    assert path.name == "banner" or lines[0].startswith(("# ", "// "))


def test_a_changed_kernel_setting_is_applied_at_once() -> None:
    changed = next(each for each in kernel.resources(server()) if isinstance(each, File) and "sysctl" in each.path)
    assert changed.then == ("systemctl restart systemd-sysctl.service",)
