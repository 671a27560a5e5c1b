"""What the machine says of itself: kept over a reboot, bounded in size and in time."""

from deploy.facts import Server
from deploy.machine.resources import File, Folder, Resource
from deploy.machine.texts import text

RESTART = "systemctl restart systemd-journald.service"


def resources(server: Server) -> list[Resource]:
    settings = text("journald.conf", journal_mb=server.facts.limits.journal_mb)
    return [
        Folder(path="/var/log/journal", group="systemd-journal", mode=0o2755),
        File(path="/etc/systemd/journald.conf.d/longwave.conf", text=settings, then=(RESTART,)),
    ]
