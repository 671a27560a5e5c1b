"""A certificate authority on the outside machine: pebble, and a DNS in which every host is one guest."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.deploy.guest import Guest, Network
from tests.deploy.servers import until

ADDRESS = "10.77.0.1"


class Authority:
    """`own_root` is whom to trust when asking it; `roots` signed what it issued in any of its lives.

    It listens on `port` and the hundred above it.
    """

    def __init__(self, net: Network, *, box: Guest, folder: Path, life_seconds: int, port: int = 14000) -> None:
        self.net, self.box, self.folder, self.port = net, box, folder, port
        self.life_seconds = life_seconds
        self.own_root, self.roots = folder / "own.pem", folder / "roots.pem"

    @property
    def directory(self) -> str:
        return f"https://{ADDRESS}:{self.port}/dir"

    @contextmanager
    def running(self) -> Iterator["Authority"]:
        """A new one each time: it knows no account of the one before."""
        dns = ["pebble-challtestsrv", "-defaultIPv4", self.box.address, "-defaultIPv6", "", "-http01", ""]
        dns += ["-https01", "", "-tlsalpn01", "", "-management", f"{ADDRESS}:{self.port + 55}", "-dns01", self._dns]
        pebble = ["pebble", "-config", str(self._settings()), "-dnsserver", self._dns]
        with ExitStack() as stack:
            for command in (dns, pebble):
                stack.enter_context(self._process(command))
            until(self._fetched_roots)
            yield self

    @property
    def _dns(self) -> str:
        return f"{ADDRESS}:{self.port + 53}"

    def trusted_by(self, box: Guest) -> None:
        """As an operator adds an authority of his own to Debian's."""
        (box.root / f"usr/local/share/ca-certificates/authority-{self.port}.crt").write_text(self.own_root.read_text())
        box.ssh("update-ca-certificates >/dev/null 2>&1")

    @contextmanager
    def _process(self, command: list[str]) -> Iterator[None]:
        environment = {**os.environ, "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"}
        with (self.folder / f"{command[0]}.log").open("ab") as log:
            started = ["ip", "netns", "exec", self.net.name, *command]
            process = subprocess.Popen(started, stdout=log, stderr=log, env=environment)
        try:
            yield
        finally:
            process.terminate()
            process.wait(10)

    def _settings(self) -> Path:
        chain, key = self.own_root, self.folder / "own.key"
        if not chain.exists():
            names = ["-subj", "/CN=authority", "-addext", f"subjectAltName=IP:{ADDRESS}", "-days", "2"]
            kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", str(key)]
            subprocess.run(
                ["openssl", "req", "-x509", *kind, "-out", str(chain), *names], check=True, capture_output=True
            )
        settings = self.folder / "pebble.json"
        ports = {"httpPort": 80, "tlsPort": 443}
        listens = {"listenAddress": f"{ADDRESS}:{self.port}", "managementListenAddress": f"{ADDRESS}:{self.port + 1}"}
        files = {"certificate": str(chain), "privateKey": str(key)}
        life = {"certificateValidityPeriod": self.life_seconds}
        settings.write_text(json.dumps({"pebble": {**listens, **files, **ports, **life}}))
        return settings

    def _fetched_roots(self) -> bool:
        asked = ["curl", "-s", "-f", "--cacert", str(self.own_root)]
        managed = f"https://{ADDRESS}:{self.port + 1}"
        answers = [self.net.run(*asked, f"{managed}/{kind}/0", check=False) for kind in ("roots", "intermediates")]
        if any(answer.returncode for answer in answers):
            return False
        with self.roots.open("a") as file:
            file.write(answers[0].stdout)
        return True
