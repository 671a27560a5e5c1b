"""Where everything lies on a server. The names are the same on every server; knows nothing of what is in them."""

from pathlib import Path

OPT = Path("/opt/longwave")
RELEASES = OPT / "releases"
ENVIRONMENTS = OPT / "environments"
CONFIGURATIONS = OPT / "configurations"
CURRENT = OPT / "current"
COLOURS = OPT / "colours"
BIN = OPT / "bin"

WWW = Path("/srv/longwave/www")
SITES = WWW / "releases"

ETC = Path("/etc/longwave")
SECRETS = ETC / "secrets"
MEDIA_KEYS = ETC / "media-keys.conf"
SWITCHES = ETC / "nginx"  # what nginx is told by hand, between two releases: maintenance
SSHD = Path("/etc/ssh/sshd_config")
SSHD_DROP_IN = Path("/etc/ssh/sshd_config.d/00-longwave.conf")  # sshd takes the first value that it reads
UNITS = Path("/etc/systemd/system")

STATE = Path("/var/lib/longwave-deploy")
LOCK = STATE / "lock"
LOG = STATE / "audit.jsonl"
PENDING = STATE / "pending.json"
PENDING_UNIT = "longwave-pending.service"  # of no release: it is there while one waits to be confirmed

RUN = Path("/run")


def socket_of(colour: str) -> Path:
    """Where the service of this colour listens."""
    return RUN / f"longwave-api-{colour}.sock"
