"""What backups need on a machine beside their units: restic, and where everything goes. Secrets come by themselves."""

import msgspec

from deploy.backup.settings import FILE, Settings
from deploy.facts import Server
from deploy.machine.resources import Absent, File, Package, Resource


def resources(server: Server) -> list[Resource]:
    facts = server.facts.backup
    if not facts.target:
        return [Absent(path=str(FILE))]
    settings = Settings(target=facts.target, host_key=facts.host_key)
    text = msgspec.json.format(msgspec.json.encode(settings), indent=2).decode() + "\n"
    return [
        Package(name="restic"),
        File(path=str(FILE), text=text, then=("systemctl try-restart longwave-litestream.service || true",)),
    ]
