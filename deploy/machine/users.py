"""Who lives on the machine and where: accounts and folders that the other concerns take for granted."""

from deploy.facts import Server
from deploy.machine.resources import Folder, Link, Resource, User

SERVICE = "longwave"


def resources(_server: Server) -> list[Resource]:
    return [
        User(name=SERVICE, home="/var/lib/longwave"),
        *(Folder(path=path) for path in ("/opt/longwave", "/opt/longwave/bin", "/opt/longwave/environments")),
        *(Folder(path=f"/opt/longwave/{name}") for name in ("configurations", "releases", "wheels")),
        Link(path="/opt/longwave/bin/longwave", target="../current/environment/bin/longwave"),
        Link(path="/usr/local/bin/longwave", target="/opt/longwave/bin/longwave"),
        Link(path="/usr/local/bin/longwave-service", target="/opt/longwave/bin/longwave-service"),
        Folder(path="/etc/longwave"),
        Folder(path="/etc/longwave/secrets", mode=0o700),
        Folder(path="/etc/longwave/tls", mode=0o700),
        Folder(path="/var/lib/longwave", owner=SERVICE, group=SERVICE, mode=0o700),
        Folder(path="/var/lib/longwave-deploy", mode=0o700),
    ]
