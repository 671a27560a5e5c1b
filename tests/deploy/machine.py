"""A server's facts, made up in a folder: everything that the configuration names is in place."""

import os
import re
import subprocess
from pathlib import Path

from deploy import media_keys, nginx_process
from deploy.media_keys import MediaSecrets
from deploy.nginx import Certificate, Facts

HOST = "signalpath.example"


def server_facts(folder: Path) -> Facts:
    for name in ("current", "pool", "videos", "downloads", "run", "work", "logs"):
        (folder / name).mkdir()
    (folder / "current/root.conf").write_text(f'root "{folder}";\n')
    (folder / "current/redirects.map").write_text('"/coffee" "302 https://coffee.example/";\n')
    media_keys.write(folder / "media-keys.conf", keys=MediaSecrets("s" * 32))
    return Facts(
        url=f"https://{HOST}",
        aliases=(f"https://www.{HOST}", "https://old.example"),
        hub="https://hub.example/",
        current=folder / "current",
        pool=folder / "pool",
        private_media=folder / "videos",
        downloads=folder / "downloads",
        media_keys=folder / "media-keys.conf",
        run=folder / "run",
        work=folder / "work",
        logs=folder / "logs",
        brotli_module=nginx_process.installed().brotli_module,
        user="root" if os.geteuid() == 0 else "",
        certificate=certificate(folder),
    )


def on_loopback(text: str, *, plain_port: int, tls_port: int) -> str:
    """A configuration's text with other ports than 80 and 443, which need root and may be taken."""
    text = re.sub(r"listen \[::\]:[^;]*;", "", text)
    text = re.sub(r"listen 443\b", f"listen 127.0.0.1:{tls_port}", text)
    return re.sub(r"listen 80\b", f"listen 127.0.0.1:{plain_port}", text)


def certificate(folder: Path, *, host: str = HOST) -> Certificate:
    """Self-signed, for the site's own name and www."""
    made = Certificate(folder / "chain.pem", folder / "key.pem")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", str(made.key)]
    names = ["-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host},DNS:www.{host}"]
    command = ["openssl", "req", "-x509", *key, "-out", str(made.chain), "-days", "2", *names]
    subprocess.run(command, check=True, capture_output=True)
    return made
