"""The secrets that a server makes for itself when its operator has none. Knows no secret."""

from deploy.facts import Server
from deploy.machine.resources import Generated, Resource

FOLDER = "/etc/longwave/secrets"


def resources(_server: Server) -> list[Resource]:
    return [Generated(path=f"{FOLDER}/{name}") for name in ("media_secret", "pepper")]
