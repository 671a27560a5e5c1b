"""Content on its way into a deployed Debian: pushes good, bad and hostile, what is due, hubs, media, sites built elsewhere."""

import datetime as dt
import io
import json
import os
import re
import ssl
import subprocess
import tarfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shlex import quote
from urllib.parse import parse_qs

import pytest

from tests.deploy.content_server import ContentServer, Sender, content_server
from tests.deploy.deployed import HOST, Deployed
from tests.deploy.servers import until
from tests.deploy.web_root import web_root

MINUTE_SECONDS = 60
HUB = "10.77.0.1"
UNCHANGED = "The site is as it was."


def python(statement: str) -> str:
    return f"python3 -c \"import socket; {statement}; print('reached')\""


EPISODE = """---
number: 9001
title: Extra
date: 2024-01-01T05:00:00Z
summary: Its audio is not in git.
audio: 9001-extra.mp3
type: bonus
---
Listen.
"""


@pytest.fixture(scope="module")
def served(deployed12: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ContentServer]:
    with content_server(deployed12, tmp_path_factory.mktemp("publishing")) as made:
        yield made


@pytest.fixture
def anna(served: ContentServer) -> Sender:
    served.anna.start_over()
    return served.anna


def test_a_push_is_published_and_its_editor_is_told_where_and_how_fast(served: ContentServer, anna: Sender) -> None:
    anna.post("good-news")
    said = anna.push().stderr
    assert "remote: https://nightshift.example: release " in said and " s " in said
    assert "good-news" in served.get("/posts/")
    assert "good-news" in served.get("/posts/feed.xml")
    (newest,) = json.loads(served.box.ssh("/opt/longwave/bin/longwave server log -n 1 --json").stdout)
    assert (newest["who"], newest["what"], newest["result"]) == ("anna", "activate", "ok")
    print(said)


def test_a_push_that_changes_nothing_makes_no_release(served: ContentServer, anna: Sender) -> None:
    before = served.site()
    assert "nothing differs" in anna.push().stderr
    assert served.site() == before


def test_a_mistake_is_shown_with_its_line_and_the_site_stays(served: ContentServer, anna: Sender) -> None:
    before, pages = served.site(), served.get("/posts/")
    anna.write("content/posts/wrong.md", "---\ntitle: Wrong\ndate: 2024-01-01\n---\n[Nowhere](../no/)\n")
    done = anna.push(check=False)
    assert done.returncode != 0
    assert "remote: content/posts/wrong.md:1: 'summary' is missing." in done.stderr
    assert UNCHANGED in done.stderr
    assert (served.site(), served.get("/posts/")) == (before, pages)
    anna.start_over()
    assert not (anna.copy / "content/posts/wrong.md").exists()


def test_a_push_of_anything_else_is_refused(served: ContentServer, anna: Sender) -> None:
    before = served.site()
    anna.write("deploy/nginx.py", "evil")
    done = anna.push(check=False)
    assert "remote: deploy: this is not yours to change." in done.stderr
    assert served.site() == before


def test_a_link_in_content_is_refused(served: ContentServer, anna: Sender) -> None:
    (anna.copy / "content/media/shadow.jpg").symlink_to("/etc/shadow")
    assert "remote: content/media/shadow.jpg:1: this is a symbolic link." in anna.push(check=False).stderr


def test_other_branches_deletions_and_rewritten_history_are_refused(served: ContentServer, anna: Sender) -> None:
    before = served.site()
    assert "only main is published" in anna.git("push", "server", "HEAD:refs/heads/other", check=False).stderr
    assert "cannot be deleted" in anna.git("push", "server", ":main", check=False).stderr
    anna.git("checkout", "--quiet", "--orphan", "new")
    anna.git("commit", "--quiet", "-m", "Begin anew")
    assert "history was rewritten" in anna.git("push", "--force", "server", "HEAD:main", check=False).stderr
    assert served.site() == before


def test_an_editors_key_opens_no_shell_and_no_tunnel(served: ContentServer, anna: Sender) -> None:
    for asked in ("id", "bash -i", "scp -t /tmp", "longwave-artefact"):
        done = anna.ask(asked)
        assert done.returncode != 0 and "This key opens no shell" in done.stderr
    words = [*anna.ssh_words, "-N", "-o", "ExitOnForwardFailure=yes", "-R", "9999:127.0.0.1:22", anna.address]
    assert anna.run("timeout", "10", *words, check=False).returncode == 255


def test_two_pushes_at_once_are_one_after_the_other(served: ContentServer, anna: Sender) -> None:
    anna.post("race")
    anna.git("add", "--all")
    anna.git("commit", "--quiet", "-m", "Edit")
    said: list[str] = []
    pushing = [
        threading.Thread(target=lambda: said.append(anna.git("push", "server", "HEAD:main", check=False).stderr))
        for _ in range(2)
    ]
    for thread in pushing:
        thread.start()
    for thread in pushing:
        thread.join()
    assert any("another publish is under way" in words for words in said), said
    assert any("main -> main" in words or "HEAD -> main" in words for words in said)
    assert "race" in served.get("/posts/")


HOSTILE = '{% extends "base.html" %}{% block main %}{{ cycler.__init__.__globals__ }}{% endblock %}'


def test_a_template_cannot_run_programs(served: ContentServer, anna: Sender) -> None:
    (anna.copy / "theme/templates/not_found.html").write_text(HOSTILE)
    refused = anna.push(check=False).stderr
    assert "a template of theme cannot be rendered" in refused and UNCHANGED in refused


IN_SANDBOX = """
import sys
from deploy.server import sandbox
print(sandbox.run(sys.argv[2:], open("/dev/null", "rb"), bounds=[sys.argv[1]], say=print))
"""
PROBES = {
    "user": "id -un",
    "secrets": "ls /etc/longwave/secrets",
    "key": "cat /etc/longwave/tls/key.pem",
    "shadow": "cat /etc/shadow",
    "data": "ls /var/lib/longwave",
    "content": "ls /srv/longwave/site.git",
    "videos": "ls /srv/longwave/videos",
    "releases": "ls /srv/longwave/www",
    "program": "touch /opt/longwave/current/environment/evil",
    "locks": "touch /srv/longwave/accepted/evil",
    "temporary": "ls /tmp/canary",
    "publisher": python("socket.socket(socket.AF_UNIX).connect('/run/longwave-publish.sock')"),
    "outside": python("socket.create_connection(('10.77.0.1', 22), 3)"),
    "inside": python("socket.create_connection(('127.0.0.1', 22), 3)"),
    "systemd": "systemctl start longwave-scheduled",
    "processes": "cat /proc/1/environ",
}


def test_a_program_in_the_builders_place_reaches_nothing(served: ContentServer) -> None:
    """What is left should somebody find a way past the templates' own bars."""
    script = "".join(f"echo {name}: $({probe} 2>&1 | tr '\\n' ' ') >&2\n" for name, probe in PROBES.items())
    said = in_sandbox(served, "RuntimeMaxSec=60", "/bin/sh", "-c", script)
    told = (line.partition(":") for line in said.splitlines())
    found = {name: words.strip() for name, _, words in told if name in PROBES}
    assert found.pop("user") == "longwave-build"
    assert found.keys() == PROBES.keys() - {"user"}
    harmless = re.compile(
        "[Pp]ermission|Read-only|No such file|unreachable|refused|Failed|not supported|denied|authentication"
    )
    assert {name: words for name, words in found.items() if not harmless.search(words)} == {}


def test_a_build_that_does_not_end_is_ended(served: ContentServer) -> None:
    begun = time.monotonic()
    assert "longer than it may" in in_sandbox(served, "RuntimeMaxSec=2", "/bin/sleep", "60")
    assert time.monotonic() - begun < 30
    assert "longwave-build" not in served.box.ssh("systemctl --failed --no-legend").stdout


def in_sandbox(served: ContentServer, bound: str, *words: str) -> str:
    python = "/opt/longwave/current/environment/bin/python"
    given = " ".join(map(quote, (IN_SANDBOX, bound, *words)))
    return served.box.ssh(f"touch /tmp/canary; {python} -I -c {given}").stdout


def test_what_is_due_comes_out_on_its_minute_also_when_a_reboot_slept_over_it(
    served: ContentServer, anna: Sender
) -> None:
    due = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=40)
    anna.post("on-time", date=f"{due:%Y-%m-%dT%H:%M:%SZ}")
    assert f"the next change by itself: {due:%Y-%m-%d %H:%M} UTC" in anna.push().stderr
    assert not served.get("/posts/on-time/")
    sleep_until(due)
    until(lambda: bool(served.get("/posts/on-time/")))
    late = (dt.datetime.now(dt.UTC) - due).total_seconds()
    print(f"came out {late:.1f} s after its moment")
    assert 0 <= late < MINUTE_SECONDS

    due = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=30)
    anna.post("slept-over", date=f"{due:%Y-%m-%dT%H:%M:%SZ}")
    anna.push()
    served.box.shut_down()
    sleep_until(due)
    served.box.boot()
    until(lambda: bool(served.get("/posts/slept-over/")))


def sleep_until(moment: dt.datetime) -> None:
    time.sleep(max(0.0, (moment - dt.datetime.now(dt.UTC)).total_seconds()))


@dataclass
class Hub:
    """A WebSub hub on the outside machine; refuses its first `refusing` news."""

    refusing: int = 0
    told: list[str] = field(default_factory=list)


@contextmanager
def hub(served: ContentServer, *, port: int, refusing: int) -> Iterator[Hub]:
    made = Hub(refusing)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            made.refusing -= 1
            if made.refusing < 0:
                made.told += form["hub.url"] if form["hub.mode"] == ["publish"] else []
            self.send_response(503 if made.refusing >= 0 else 204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with served.network.inside():
        server = ThreadingHTTPServer((HUB, port), Handler)
    server.socket = _trusted(served).wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _trusted(served: ContentServer) -> ssl.SSLContext:
    """TLS under a certificate that the guest takes for one of a known authority."""
    folder = served.network.folder
    name = ["-subj", f"/CN={HUB}", "-addext", f"subjectAltName=IP:{HUB}", "-days", "2", "-nodes"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", str(folder / "hub.key")]
    subprocess.run(
        ["openssl", "req", "-x509", *key, *name, "-out", str(folder / "hub.crt")], check=True, capture_output=True
    )
    served.box.ssh(
        "tee /usr/local/share/ca-certificates/hub.crt && update-ca-certificates", input=(folder / "hub.crt").read_text()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "hub.crt", folder / "hub.key")
    return context


def test_a_hub_is_told_of_a_feed_that_changed_until_it_has_heard(served: ContentServer, anna: Sender) -> None:
    with hub(served, port=8088, refusing=1) as made:
        toml = (anna.copy / "content/site.toml").read_text()
        anna.write("content/site.toml", toml.replace("[feed]\n", '[feed]\nhub = "https://10.77.0.1:8088/"\n'))
        anna.push()
        until(lambda: "https://nightshift.example/feed.xml" in made.told)
        until(lambda: not served.box.ssh("ls /var/lib/longwave-websub").stdout)
        made.told.clear()
        anna.write("content/pages/imprint.md", "---\ntitle: Imprint\n---\nNo feed names this.\n")
        anna.push()
        time.sleep(1)
        assert made.told == []


def test_audio_is_served_once_something_published_names_it_and_not_before(served: ContentServer, anna: Sender) -> None:
    """As a project does that keeps its audio out of git: it is recorded, sent, and then named."""
    source = next((anna.copy / "content/media").glob("0001-*.mp3"))
    audio = anna.copy / "content/media/9001-extra.mp3"
    audio.write_bytes(source.read_bytes() + os.urandom(64))
    anna.longwave("media", "add", str(audio))
    elsewhere = audio.rename(served.network.folder / audio.name)
    anna.write("content/episodes/9001-extra.md", EPISODE)
    refused = anna.push(check=False).stderr
    assert "remote: content/media.lock: the file of /media/9001-extra." in refused
    assert "longwave media push" in refused

    elsewhere.rename(audio)
    assert "9001-extra.mp3: " in anna.longwave("media", "push", "--to", anna.address).stderr
    name = served.box.ssh("ls /srv/longwave/media | grep 9001-extra").stdout.strip()
    size = ["curl", "-sk", "-o", "/dev/null", "-w", "%{http_code} %{size_download}", f"https://{HOST}/media/{name}"]
    assert served.network.run(*size).stdout.startswith("404 ")
    audio.unlink()
    anna.push()
    assert served.network.run(*size).stdout == f"200 {source.stat().st_size + 64}"


def test_a_ci_job_publishes_what_it_has_built(served: ContentServer, anna: Sender) -> None:
    anna.post("built-elsewhere")
    anna.longwave("prepare", "--output", str(served.ci.copy / "output"), "--url", "https://nightshift.example")
    said = served.ci.longwave("send", "--to", served.ci.address).stderr
    assert "https://nightshift.example: release " in said
    assert "built-elsewhere" in served.get("/posts/")
    print(said)


def test_a_ci_job_cannot_send_what_nginx_would_read_or_follow(served: ContentServer, tmp_path: Path) -> None:
    before = served.site()
    output = web_root(tmp_path / "output")
    (output / ".longwave/redirects.map").write_text('"/x" "301 /y/"; } server { listen 81; root /;\n')
    done = served.ci.longwave("send", str(output), "--to", served.ci.address, check=False)
    assert done.returncode == 1
    assert ".longwave/redirects.map:1: this is no redirect" in done.stderr
    evil = tmp_path / "evil.tar"
    with tarfile.open(evil, "w") as archive:
        link = tarfile.TarInfo("index.html")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/shadow"
        archive.addfile(link)
        archive.addfile(tarfile.TarInfo("../../../../etc/cron.d/x"), io.BytesIO())
    done = served.ci.longwave("send", str(evil), "--to", served.ci.address, check=False)
    assert done.returncode == 1 and "no plain file" in done.stderr
    assert served.site() == before


def test_a_ci_jobs_key_cannot_push(served: ContentServer) -> None:
    done = served.ci.git("ls-remote", f"{served.ci.address}:site.git", check=False)
    assert done.returncode != 0 and "This key opens no shell" in done.stderr


def test_guids_and_ids_come_back_to_editors_who_ask_for_them(served: ContentServer, anna: Sender) -> None:
    (anna.copy / "content/ids.lock").unlink(missing_ok=True)
    anna.push()
    anna.git("pull", "--quiet", "--no-rebase", "server", "published")
    assert "crs_first_week" in (anna.copy / "content/ids.lock").read_text()
    lock = anna.copy / "content/guids.lock"
    lock.write_text(lock.read_text().replace("97b51f52", "00000000"))
    refused = anna.push(check=False).stderr
    assert "remote: content/guids.lock:2: the guid of episode 1 was published as 97b51f52-" in refused


@pytest.mark.parametrize(
    "path", ["/srv/longwave/www", "/srv/longwave/accepted", "/srv/longwave/hooks", "/opt/longwave"]
)
def test_neither_user_of_the_way_in_may_write_what_root_believes(served: ContentServer, path: str) -> None:
    for user in ("longwave-site", "longwave-build", "www-data"):
        assert served.box.ssh(f"runuser -u {user} -- test -w {path}", check=False).returncode == 1
    sent = "-path /srv/longwave/www/pool/media -prune"  # audio that was sent has two names and belongs to who took it
    assert served.box.ssh(f"find {path} {sent} -o ! -user root ! -type l -print -quit").stdout == ""


def test_who_takes_pushes_reads_no_secret_and_no_data(served: ContentServer) -> None:
    for user in ("longwave-site", "longwave-build"):
        for path in ("/etc/longwave/secrets", "/etc/longwave/tls", "/var/lib/longwave", "/var/lib/longwave-deploy"):
            assert served.box.ssh(f"runuser -u {user} -- ls {path}", check=False).returncode != 0, (user, path)
