"""What our whole nginx configuration costs: requests per second beside a bare nginx that sends the same bytes.

Knows no build: any finished web root will do. On several cores nginx has one of them and the load generator another.
The bare one has nginx's own defaults, but for sendfile, the precompressed files and no log; a third, with an open-file
cache as well, shows the most that this nginx can do.
"""

import os
import re
import shutil
import statistics
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from msgspec import Struct

from deploy import preview
from deploy.nginx_process import Nginx, installed
from deploy.preview import Preview
from tests.bench.timing import BenchError
from tests.deploy.servers import Site, free_port, previewed_by_nginx, until

CONNECTIONS = 32
ROUNDS = 7
ROUND_SECONDS = 2
WAIT_SECONDS_MAX = 30
RATE = re.compile(r"^Requests/sec:\s+([\d.]+)", re.M)
FAULTS = re.compile(r"^\s*(?:Non-2xx|Socket errors).*", re.M)
OPEN_FILE_CACHE = "open_file_cache max=4096 inactive=60s; open_file_cache_valid 60s;"
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
    %(more)s
    server { listen 127.0.0.1:%(port)d; root "%(root)s"; index index.html; }
}
"""


class Throughput(Struct, frozen=True):
    """Medians over the rounds: requests per second of each, and the ratios of ours to the others within one round."""

    ours: float
    bare: float
    cached: float
    to_bare: float
    to_cached: float


def measure(content: Path, output: Path, *, folder: Path) -> Throughput:
    """All three asked in turns for the newest episode's page, which each sends as its .gz file.

    Raises BenchError when they do not send the same bytes, or when any request fails.
    """
    folder.mkdir()
    ours = Preview(content=content, output=output, state=folder / "ours", port=free_port(), url="http://localhost")
    path = preview.examples(ours)[1].removeprefix(ours.url)
    cores = sorted(os.sched_getaffinity(0))
    with ExitStack() as running:
        with _on_core(cores[0]):
            sites = [running.enter_context(server) for server in _servers(ours, folder)]
        _same_bytes(sites, path)
        rounds = [[_rate(site.url + path, core=cores[-1]) for site in sites] for _ in range(1 + ROUNDS)]
    shutil.rmtree(folder)
    return _medians(rounds[1:])  # the first round only warms


def _medians(rounds: list[list[float]]) -> Throughput:
    ours, bare, cached = (statistics.median(rates) for rates in zip(*rounds, strict=True))
    to_bare, to_cached = (statistics.median(rates[0] / rates[k] for rates in rounds) for k in (1, 2))
    return Throughput(ours, bare, cached, to_bare, to_cached)


def _servers(ours: Preview, folder: Path) -> list[AbstractContextManager[Site]]:
    return [
        previewed_by_nginx(ours),
        _bare(ours.output, folder / "bare"),
        _bare(ours.output, folder / "cached", more=OPEN_FILE_CACHE),
    ]


@contextmanager
def _bare(root: Path, folder: Path, *, more: str = "") -> Iterator[Site]:
    folder.mkdir()
    site = Site(free_port())
    user = "user root;" if os.geteuid() == 0 else ""
    config = folder / "nginx.conf"
    config.write_text(BARE % {"user": user, "folder": folder, "root": root.absolute(), "port": site.port, "more": more})
    with Nginx(installed().binary, lambda: config):
        until(lambda: _answers(site))
        yield site


def _answers(site: Site) -> bool:
    try:
        return site.ask("/").status > 0
    except OSError:
        return False


def _same_bytes(sites: list[Site], path: str) -> None:
    answers = [site.ask(path, Accept_Encoding="gzip") for site in sites]
    if any(answer.status != 200 or answer.header("content-encoding") != "gzip" for answer in answers):
        raise BenchError(f"{path} is not sent as its .gz file by all: {[answer.status for answer in answers]}")
    if len({answer.body for answer in answers}) > 1:
        raise BenchError(f"{path} differs between our nginx and the bare ones")


@contextmanager
def _on_core(core: int) -> Iterator[None]:
    """Whatever is started within stays on that core."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _rate(url: str, *, core: int) -> float:
    load = ["wrk", "--threads", "1", "--connections", str(CONNECTIONS), "--duration", f"{ROUND_SECONDS}s"]
    line = ["taskset", "--cpu-list", str(core), *load, "--header", "Accept-Encoding: gzip", url]
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=ROUND_SECONDS + WAIT_SECONDS_MAX)
    rate = RATE.search(done.stdout)
    if done.returncode or not rate or FAULTS.search(done.stdout):
        raise BenchError(f"{' '.join(line)}\n{done.stdout}{done.stderr}")
    return float(rate[1])
