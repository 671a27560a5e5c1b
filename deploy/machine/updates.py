"""Updates install themselves, services change over to them without a refused request, and reboots wait for their window."""

from deploy.facts import Server
from deploy.machine.resources import File, Package, Resource, Unit
from deploy.machine.texts import text

REBOOT = "longwave-reboot"


def resources(_server: Server) -> list[Resource]:
    return [
        *(Package(name=name) for name in ("unattended-upgrades", "needrestart")),
        File(path="/etc/apt/apt.conf.d/52longwave", text=text("upgrades.conf")),
        File(path="/etc/needrestart/conf.d/longwave.conf", text=text("needrestart.conf")),
        File(path="/etc/needrestart/restart.d/nginx.service", text=text("nginx-restart"), mode=0o755),
        File(path="/usr/sbin/policy-rc.d", text=text("policy-rc.d"), mode=0o755),
        *(Unit(name=name, enabled=True, running=True) for name in ("apt-daily.timer", "apt-daily-upgrade.timer")),
    ]


def configuration(server: Server) -> dict[str, str]:
    updates = server.facts.updates
    if not updates.reboot:
        return {}
    return {
        f"systemd/{REBOOT}.service": text("reboot.service"),
        f"systemd/{REBOOT}.timer": text("reboot.timer", reboot_at=updates.reboot_at),
    }
