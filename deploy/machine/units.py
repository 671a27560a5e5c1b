"""Our own units, and drop-ins for Debian's, as they move with a release. Their texts are deploy/systemd/'s."""

from urllib.parse import urlsplit

from deploy import units
from deploy.facts import Server
from deploy.units import UnitFacts


def configuration(server: Server) -> dict[str, str]:
    backup = server.facts.backup
    facts = UnitFacts(
        memory_mib=server.facts.limits.service_memory_mb,
        sandbox_url=sandbox_url(server),
        nightly=backup.nightly,
        rehearsal=backup.rehearsal,
    )
    return {f"systemd/{name}": text for name, text in units.render(facts).items()}


def sandbox_url(server: Server) -> str:
    """Where the stand-in for Stripe shows its pages, in mode sandbox: a name of its own beside the site's. '' in other modes."""
    return f"https://sandbox.{urlsplit(server.site.url).hostname}" if server.facts.mode == "sandbox" else ""
