"""What backups need on a machine beside their units: restic, and where everything goes. Secrets come by themselves."""

import msgspec

from deploy.backup.settings import FILE, Settings
from deploy.facts import Server
from deploy.machine.resources import Package, Resource


def resources(server: Server) -> list[Resource]:
    return [Package(name="restic")] if server.facts.backup.target else []


def configuration(server: Server) -> dict[str, str]:
    facts = server.facts.backup
    if not facts.target:
        return {}
    settings = Settings(target=facts.target, host_key=facts.host_key)
    return {FILE.name: msgspec.json.format(msgspec.json.encode(settings), indent=2).decode() + "\n"}
