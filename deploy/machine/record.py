"""What this server was made from, for whoever looks at it: /etc/longwave/server.json. Nothing reads it back."""

import msgspec

from deploy.facts import Server
from deploy.machine.resources import File, Resource


def resources(server: Server) -> list[Resource]:
    told = {"facts": server.facts, "site": server.site, "debian": server.target.debian}
    return [File(path="/etc/longwave/server.json", text=msgspec.json.format(msgspec.json.encode(told)).decode() + "\n")]
