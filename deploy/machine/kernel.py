"""The kernel's knobs, and no core dumps. A container cannot turn most of them and goes on without."""

from deploy.facts import Server
from deploy.machine.resources import File, Resource
from deploy.machine.texts import text

APPLY = "systemctl restart systemd-sysctl.service"


def resources(_server: Server) -> list[Resource]:
    return [
        File(path="/etc/sysctl.d/60-longwave.conf", text=text("sysctl.conf"), then=(APPLY,)),
        File(path="/etc/modules-load.d/longwave.conf", text=text("modules.conf")),
        File(path="/etc/modprobe.d/longwave.conf", text=text("modprobe.conf")),
        File(path="/etc/security/limits.d/longwave.conf", text=text("limits.conf")),
        File(
            path="/etc/systemd/system.conf.d/longwave.conf", text=text("system.conf"), then=("systemctl daemon-reexec",)
        ),
    ]
