"""The right time, without which codes, links and certificates are wrong. A container has its host's and runs nothing for it."""

from deploy.facts import Server
from deploy.machine.resources import Package, Resource, Unit


def resources(_server: Server) -> list[Resource]:
    """timesyncd and not chrony: one client of one pool needs no open port and no second configuration."""
    return [Package(name="systemd-timesyncd"), Unit(name="systemd-timesyncd.service", enabled=True, running=True)]
