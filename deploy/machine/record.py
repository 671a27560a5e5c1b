"""What this server was made from, for whoever looks at it, in the release that serves it: `server.json` of its configuration."""

import msgspec

from deploy.facts import Server

FILE = "server.json"


def configuration(server: Server) -> dict[str, str]:
    told = {"facts": server.facts, "site": server.site, "debian": server.target.debian}
    return {FILE: msgspec.json.format(msgspec.json.encode(told)).decode() + "\n"}
