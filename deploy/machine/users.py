"""Who lives on the machine and where: accounts and folders that the other concerns take for granted."""

from deploy.facts import Server
from deploy.machine.resources import Folder, Resource, User

SERVICE, SITE, NGINX = "longwave", "longwave-site", "www-data"


def resources(_server: Server) -> list[Resource]:
    return [
        User(name=SERVICE, home="/var/lib/longwave"),
        User(name=SITE, home="/srv/longwave/build", shell="/bin/sh"),  # noqa: S604 (git over SSH, by a forced command)
        *(Folder(path=path) for path in ("/opt/longwave", "/opt/longwave/bin", "/opt/longwave/environments")),
        *(Folder(path=f"/opt/longwave/{name}") for name in ("configurations", "releases", "wheels")),
        Folder(path="/etc/longwave"),
        Folder(path="/etc/longwave/secrets", mode=0o700),
        Folder(path="/etc/longwave/tls", mode=0o700),
        Folder(path="/var/lib/longwave", owner=SERVICE, group=SERVICE, mode=0o700),
        Folder(path="/var/lib/longwave-deploy", mode=0o700),
        Folder(path="/srv/longwave"),
        Folder(path="/srv/longwave/www", owner=SITE, group=SITE),
        Folder(path="/srv/longwave/build", owner=SITE, group=SITE, mode=0o750),
        Folder(path="/srv/longwave/videos", owner=SITE, group=NGINX, mode=0o750),
        Folder(path="/srv/longwave/media", owner=SITE, group=SITE),
    ]
