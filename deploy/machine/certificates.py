"""The certificate's facts, its account and the hook of its client. Getting and installing it is deploy/server's, by a timer.

uacme and not certbot: one small C program without a Python of its own, which knows no web server, runs as nobody's root and leaves
what is done with a certificate to us.
"""

import json
from urllib.parse import urlsplit

from deploy.facts import Server
from deploy.machine import units
from deploy.machine.resources import File, Folder, Package, Resource, User
from deploy.machine.texts import text

ACCOUNT = "longwave-certificate"
STATE = f"/var/lib/{ACCOUNT}"


def resources(_server: Server) -> list[Resource]:
    return [
        *(Package(name=name) for name in ("uacme", "openssl", "ca-certificates")),
        User(name=ACCOUNT, home=STATE),
        Folder(path=STATE, owner=ACCOUNT, group=ACCOUNT, mode=0o711),
        Folder(path=f"{STATE}/webroot", owner=ACCOUNT, group=ACCOUNT),
        File(path="/etc/longwave/acme-hook", text=text("acme-hook"), mode=0o755),
    ]


def configuration(server: Server) -> dict[str, str]:
    certificate = server.facts.certificate
    facts = {
        "kind": certificate.kind,
        "names": names(server),
        "directory": certificate.directory,
        "mail": certificate.mail,
    }
    return {"certificate.json": json.dumps(facts, indent=2) + "\n"}


def names(server: Server) -> list[str]:
    """Every host that has to be in the certificate, the site's own first."""
    origins = (server.site.url, *server.site.aliases, units.sandbox_url(server))
    return list(dict.fromkeys(host.rstrip(".") for origin in origins if (host := urlsplit(origin).hostname)))
