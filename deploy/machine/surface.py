"""What a machine has for other trades and a server of ours does not need, and what it shows and allows to whoever comes near."""

from deploy.facts import Server
from deploy.machine.resources import File, Package, Resource
from deploy.machine.texts import text

# Daemons and clear-text clients that images of hosts bring along.
UNWANTED = (
    *("rpcbind", "nfs-common", "avahi-daemon", "cups-daemon", "exim4-daemon-light", "exim4-base", "exim4-config"),
    *(
        "apache2",
        "telnet",
        "telnetd",
        "inetutils-telnet",
        "inetutils-telnetd",
        "rsh-client",
        "rsh-server",
        "xinetd",
        "nis",
    ),
    *("tftpd-hpa", "snmpd", "ftp"),
)


def resources(_server: Server) -> list[Resource]:
    return [
        *(Package(name=name, absent=True) for name in UNWANTED),
        *(Package(name=name) for name in ("libpam-tmpdir", "debsums")),
        File(path="/etc/issue", text=text("banner")),
        File(path="/etc/issue.net", text=text("banner")),
        File(path="/etc/login.defs", text=text("login.defs")),
        File(path="/etc/profile.d/longwave.sh", text=text("profile.sh")),
    ]
