"""Who may come in: nftables with one table of our own. It moves with a release, so a rule that locks us out goes back by itself."""

from deploy.facts import Server
from deploy.machine.resources import Package, Resource, Unit
from deploy.machine.texts import text

SSH_A_MINUTE = 60
HTTP3 = "udp dport 443 accept"
NO_HTTP3 = "# No HTTP/3: this nginx has none."


def resources(_server: Server) -> list[Resource]:
    return [Package(name="nftables"), Unit(name="nftables.service", enabled=True)]


def configuration(server: Server) -> dict[str, str]:
    http3 = HTTP3 if server.target.http3 else NO_HTTP3
    port = server.facts.ssh.port
    return {"nftables.conf": text("nftables.conf", ssh_port=port, ssh_a_minute=SSH_A_MINUTE, http3=http3)}
