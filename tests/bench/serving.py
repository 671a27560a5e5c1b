"""What our whole nginx configuration costs: requests per second beside a bare nginx that sends the same bytes.

Knows no build: any finished web root will do. On several cores nginx has one of them and the load generator another.
"""

import os
import re
import shutil
import statistics
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from deploy.nginx_process import Nginx, installed
from deploy.preview import Preview
from tests.bench.timing import BenchError
from tests.deploy.servers import Site, free_port, previewed_by_nginx, until

CONNECTIONS = 32
ROUNDS = 7
ROUND_SECONDS = 2
RATE = re.compile(r"^Requests/sec:\s+([\d.]+)", re.M)
FAULTS = re.compile(r"^\s*(?:Non-2xx|Socket errors).*", re.M)
BARE = """\
%(user)s
worker_processes auto;
pid "%(folder)s/nginx.pid";
error_log stderr warn;
events { worker_connections 4096; }
http {
    default_type text/html;
    access_log off;
    sendfile on;
    gzip_static on;
    client_body_temp_path "%(folder)s/body";
    proxy_temp_path "%(folder)s/proxy";
    fastcgi_temp_path "%(folder)s/fastcgi";
    uwsgi_temp_path "%(folder)s/uwsgi";
    scgi_temp_path "%(folder)s/scgi";
    %(cache)s
    server { listen 127.0.0.1:%(port)d; root "%(root)s"; index index.html; }
}
"""


class Throughput(Struct, frozen=True):
    """Medians over the rounds, in requests per second; `ratio` is that of the two in one round."""

    ours: float
    bare: float
    ratio: float


def measure(content: Path, output: Path, *, path: str, folder: Path) -> Throughput:
    """Our configuration over `output` and a bare one, asked in turns for one page that both send as its .gz file.

    Raises BenchError when the two do not send the same bytes, or when any request fails.
    """
    folder.mkdir()
    ours = Preview(content=content, output=output, state=folder / "ours", port=free_port(), url="http://localhost")
    with _on_first_core(), previewed_by_nginx(ours) as full, _bare(output, folder / "bare") as bare:
        _same_bytes(full, bare, path)
        _load(full, path)
        _load(bare, path)
        rounds = [(_load(full, path), _load(bare, path)) for _ in range(ROUNDS)]
    shutil.rmtree(folder)
    return Throughput(
        ours=statistics.median(round[0] for round in rounds),
        bare=statistics.median(round[1] for round in rounds),
        ratio=statistics.median(round[0] / round[1] for round in rounds),
    )


@contextmanager
def _bare(root: Path, folder: Path) -> Iterator[Site]:
    folder.mkdir()
    port = free_port()
    user = "user root;" if os.geteuid() == 0 else ""
    config = folder / "nginx.conf"
    cache = os.environ.get("BARE_CACHE", "")
    config.write_text(BARE % {"user": user, "folder": folder, "root": root.absolute(), "port": port, "cache": cache})
    with Nginx(installed().binary, lambda: config):
        site = Site(port)
        until(lambda: _listens(site))
        yield site


def _listens(site: Site) -> bool:
    try:
        return site.ask("/").status > 0
    except OSError:
        return False


def _same_bytes(full: Site, bare: Site, path: str) -> None:
    answers = [site.ask(path, Accept_Encoding="gzip") for site in (full, bare)]
    if any(answer.status != 200 or answer.header("content-encoding") != "gzip" for answer in answers):
        raise BenchError(f"{path} is not sent as its .gz file by both: {[answer.status for answer in answers]}")
    if answers[0].body != answers[1].body:
        raise BenchError(f"{path} differs between our nginx and the bare one")


@contextmanager
def _on_first_core() -> Iterator[None]:
    """Whatever is started within runs on the first core."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _load(site: Site, path: str) -> float:
    command = ["wrk", "--threads=1", f"--connections={CONNECTIONS}", f"--duration={ROUND_SECONDS}s"]
    core = str(max(range(os.cpu_count() or 1)))
    line = ["taskset", "--cpu-list", core, *command, "--header", "Accept-Encoding: gzip", site.url + path]
    said = subprocess.run(line, capture_output=True, text=True, check=False, timeout=ROUND_SECONDS + 30)
    rate = RATE.search(said.stdout)
    if said.returncode or not rate or FAULTS.search(said.stdout):
        raise BenchError(f"{' '.join(line)}\n{said.stdout}{said.stderr}")
    return float(rate[1])
