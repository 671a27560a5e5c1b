"""nginx: its packages, and its configuration for this server out of deploy/nginx/, which moves with a release."""

from pathlib import Path

from deploy import nginx
from deploy.facts import Server
from deploy.machine import units
from deploy.machine.resources import Folder, Package, Resource
from deploy.nginx import Certificate, Facts

MODULE = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
CURRENT = Path("/opt/longwave/current")
TLS = Path("/etc/longwave/tls")
POOL = Path("/srv/longwave/www/pool")


def resources(_server: Server) -> list[Resource]:
    return [
        Package(name="nginx-light"),
        Package(name="libnginx-mod-http-brotli-static"),
        Folder(path="/etc/longwave/nginx"),
    ]


def configuration(server: Server) -> dict[str, str]:
    return {f"nginx/{name}": text for name, text in nginx.render(server.target.nginx, facts=facts(server)).items()}


def facts(server: Server) -> Facts:
    """What nginx is told of this server."""
    sandbox = units.sandbox_url(server)
    return Facts(
        url=server.site.url,
        aliases=server.site.aliases,
        hub=server.site.hub,
        current=CURRENT / "site/nginx",
        pool=POOL,
        private_media=Path("/srv/longwave/videos"),
        downloads=POOL / "downloads",
        media_keys=Path("/etc/longwave/media-keys.conf"),
        run=Path("/run"),
        work=Path("/var/lib/nginx"),
        logs=Path("/var/log/nginx"),
        brotli_module=MODULE,
        user="www-data",
        certificate=Certificate(TLS / "chain.pem", TLS / "key.pem"),
        service=f"unix:{CURRENT}/service.sock",
        fair_use=server.facts.fair_use.mode,
        sandbox_url=sandbox,
        form_targets=(sandbox,) if sandbox else (),
    )
