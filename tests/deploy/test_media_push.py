"""`longwave media push` against the other end of its session, and against storages over HTTP. SSH is in test_publishing.py."""

import datetime as dt
import hashlib
import os
import shlex
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from generator.commands import s3_signature
from tests.command import ROOT, longwave

AUDIO = os.urandom(3_000_000)
SHA = hashlib.sha256(AUDIO).hexdigest()
NAME = f"0001-a.{SHA[:8]}.mp3"
TAKING = """
import sys
from pathlib import Path
from deploy.errors import DeployError
from deploy.server.media_store import Store
try:
    Store(*map(Path, sys.argv[1:4])).take(sys.stdin.buffer, sys.stdout.buffer)
except DeployError as error:
    sys.exit(f"Error: {error}")
"""
BREAKING_OFF = """
import os
left = 1500000
while left and (chunk := os.read(0, min(left, 65536))):
    left -= os.write(1, chunk)
"""


def lock(name: str, content: bytes, kind: str = "audio/mpeg", more: str = "") -> str:
    digest = hashlib.sha256(content).hexdigest()
    return f'["{name}"]\nbytes = {len(content)}\nseconds = 2.00\ntype = "{kind}"\nsha256 = "{digest}"\n{more}\n'


@dataclass
class Pushing:
    """A project with an episode's audio and a lecture's video with its poster, and a server's three folders."""

    folder: Path
    hook: str = ""

    def __post_init__(self) -> None:
        for path, content in {
            "content/media/0001-a.mp3": AUDIO,
            "content/videos/course/1.mp4": b"video",
            "content/videos/course/1.jpg": b"poster",
        }.items():
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).write_bytes(content)
        entries = lock("0001-a.mp3", AUDIO) + lock("course/1.mp4", b"video", "video/mp4", 'poster = "course/1.jpg"\n')
        (self.folder / "content/media.lock").write_text(entries)
        for name in ("public", "private", "served"):
            (self.folder / name).mkdir()

    def push(self, *words: str, to: str = "server.example") -> "subprocess.CompletedProcess[str]":
        (self.folder / "taking.py").write_text(TAKING)
        folders = [str(self.folder / name) for name in ("public", "private", "served")]
        end = shlex.join([sys.executable, str(self.folder / "taking.py"), *folders])
        ssh = shlex.join(["sh", "-c", f"{self.hook} PYTHONPATH={ROOT} exec {end}"])
        return longwave("media", "push", "--to", to, *words, cwd=self.folder, env={"GIT_SSH_COMMAND": ssh})

    def here(self) -> set[str]:
        """What is to be seen in the server's folders."""
        files = (path for name in ("public", "private") for path in (self.folder / name).rglob("*") if path.is_file())
        names = (path.relative_to(self.folder) for path in files)
        return {name.as_posix() for name in names if not any(part.startswith(".") for part in name.parts)}


ALL = {f"public/{NAME}", "private/course/1.mp4", "private/course/1.jpg"}


@pytest.fixture
def pushing(tmp_path: Path) -> Pushing:
    return Pushing(tmp_path)


def test_each_file_goes_to_its_place_under_its_name(pushing: Pushing) -> None:
    done = pushing.push()
    assert done.returncode == 0, done.stderr
    assert done.stdout == "3 sent (3,000,011 bytes), 0 were there\n"
    assert pushing.here() == ALL
    assert (pushing.folder / "public" / NAME).read_bytes() == AUDIO


def test_paid_files_are_not_for_everybody_to_read(pushing: Pushing) -> None:
    pushing.push()
    assert (pushing.folder / "private/course/1.mp4").stat().st_mode & 0o777 == 0o640
    assert (pushing.folder / "public" / NAME).stat().st_mode & 0o777 == 0o644


def test_what_is_there_is_not_sent_again(pushing: Pushing) -> None:
    pushing.push()
    assert pushing.push().stdout == "0 sent (0 bytes), 3 were there\n"


def test_a_video_that_was_changed_replaces_the_one_before(pushing: Pushing) -> None:
    pushing.push()
    (pushing.folder / "content/videos/course/1.mp4").write_bytes(b"VIDEO")
    (pushing.folder / "content/media.lock").write_text(lock("course/1.mp4", b"VIDEO", "video/mp4"))
    assert pushing.push().stdout.startswith("1 sent")
    assert (pushing.folder / "private/course/1.mp4").read_bytes() == b"VIDEO"


def test_a_push_that_breaks_off_is_taken_up_where_it_was_and_nothing_is_seen_before(pushing: Pushing) -> None:
    pushing.hook = f"{shlex.join([sys.executable, '-c', BREAKING_OFF])} |"
    broken = pushing.push()
    assert broken.returncode == 1
    assert "Send again" in broken.stderr
    assert pushing.here() == set()
    (partial,) = (pushing.folder / "public/.partial").iterdir()
    assert 1_000_000 < partial.stat().st_size < 1_500_000
    pushing.hook = f"tee {pushing.folder}/traffic |"
    assert pushing.push().returncode == 0
    assert pushing.here() == ALL
    assert (pushing.folder / "public" / NAME).read_bytes() == AUDIO
    assert (pushing.folder / "traffic").stat().st_size < 2_100_000


def test_bytes_that_are_not_those_of_the_lock_are_never_seen(pushing: Pushing) -> None:
    (pushing.folder / "content/media/0001-a.mp3").write_bytes(AUDIO[:-1] + b"\0" if AUDIO[-1] else AUDIO[:-1] + b"\1")
    done = pushing.push()
    assert done.returncode == 1
    assert "other bytes than media.lock has" in done.stderr
    assert f"public/{NAME}" not in pushing.here()


def test_a_file_of_another_size_is_told_before_anything_is_sent(pushing: Pushing) -> None:
    (pushing.folder / "content/media/0001-a.mp3").write_bytes(b"short")
    done = pushing.push()
    assert done.returncode == 1
    assert "content/media.lock:1: " in done.stderr and "longwave media add" in done.stderr
    assert pushing.here() == set()


def test_a_file_that_somebody_else_has_sent_need_not_be_here(pushing: Pushing) -> None:
    pushing.push()
    (pushing.folder / "content/media/0001-a.mp3").unlink()
    assert pushing.push().returncode == 0


def test_audio_that_is_served_already_is_there(pushing: Pushing) -> None:
    (pushing.folder / "served" / NAME).write_bytes(AUDIO)
    assert pushing.push().stdout.startswith("2 sent (11 bytes)")


def test_a_file_that_is_nowhere_is_told_and_the_others_are_sent(pushing: Pushing) -> None:
    (pushing.folder / "content/media/0001-a.mp3").unlink()
    done = pushing.push()
    assert done.returncode == 1
    assert "'0001-a.mp3' is neither here nor there" in done.stderr
    assert pushing.here() == ALL - {f"public/{NAME}"}


def test_two_who_send_the_same_file_are_told_apart(pushing: Pushing) -> None:
    partial = pushing.folder / "public/.partial" / SHA
    partial.parent.mkdir()
    with partial.open("w") as file:
        holding = subprocess.Popen(["flock", str(partial), "sleep", "30"])
        try:
            while not _is_locked(partial):
                pass
            assert "being sent by somebody else" in pushing.push().stderr
        finally:
            holding.kill()
            holding.wait()
        assert file.writable()


def _is_locked(path: Path) -> bool:
    return subprocess.run(["flock", "--nonblock", str(path), "true"], check=False).returncode != 0


@pytest.mark.parametrize(
    "told",
    [
        '[{"place":"public","name":"../../etc/x.mp3","bytes":1,"sha256":"%s"}]',
        '[{"place":"private","name":"../x.mp4","bytes":1,"sha256":"%s"}]',
        '[{"place":"private","name":".partial/x.mp4","bytes":1,"sha256":"%s"}]',
        '[{"place":"private","name":"/etc/x.mp4","bytes":1,"sha256":"%s"}]',
        '[{"place":"private","name":"x.html","bytes":1,"sha256":"%s"}]',
        '[{"place":"public","name":"a.01234567.mp3","bytes":1,"sha256":"%s"}]',
        '[{"place":"private","name":"a.mp4","bytes":-1,"sha256":"%s"}]',
        '[{"place":"elsewhere","name":"a.mp4","bytes":1,"sha256":"%s"}]',
        "nonsense %s",
    ],
)
def test_a_list_that_could_do_harm_is_refused(pushing: Pushing, told: str) -> None:
    command = [sys.executable, "-c", TAKING, *(str(pushing.folder / name) for name in ("public", "private", "served"))]
    done = subprocess.run(
        command, input=(told % SHA + "\nx").encode(), capture_output=True, check=False, cwd=ROOT, timeout=30
    )
    assert done.returncode == 1
    assert done.stdout == b"" and done.stderr.startswith(b"Error: ")
    assert pushing.here() == set()


@dataclass
class Shelf:
    """A storage over HTTP that keeps what it is given in memory, and every request's method, path and headers."""

    url: str
    objects: dict[str, tuple[bytes, dict[str, str]]] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            headers = self._note()
            content, kept = found.objects.get(self.path, (None, {}))
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            if "x-amz-meta-sha256" in kept and "authorization" in headers:
                self.send_header("x-amz-meta-sha256", kept["x-amz-meta-sha256"])
            self.end_headers()

        def do_PUT(self) -> None:
            headers = self._note()
            content = self.rfile.read(int(headers["content-length"]))
            told = headers.get("x-amz-content-sha256") or headers.get("checksum", "").lower()
            right = hashlib.sha256(content).hexdigest() == told
            if right:
                found.objects[self.path] = content, headers
            self.send_response(200 if right else 400)
            self.end_headers()

        def _note(self) -> dict[str, str]:
            headers = {name.lower(): value for name, value in self.headers.items()}
            found.asked.append((self.command, self.path, headers))
            return headers

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Shelf(f"http://127.0.0.1:{server.server_port}/bucket")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def secret(tmp_path: Path) -> str:
    (tmp_path / "key").write_text("a secret\n")
    return str(tmp_path / "key")


Signer = Callable[..., dict[str, str]]


def test_public_files_go_to_a_bucket_signed_and_are_not_sent_again(pushing: Pushing, shelf: Shelf, secret: str) -> None:
    words = ("--secret", secret, "--region", "eu-1", "--access-key", "AKID")
    assert pushing.push(*words, to=shelf.url).stdout.startswith("1 sent (3,000,000 bytes)")
    content, headers = shelf.objects[f"/bucket/{NAME}"]
    assert content == AUDIO
    assert headers["content-type"] == "audio/mpeg" and headers["cache-control"].endswith("immutable")
    moment = dt.datetime.strptime(headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
    listed = headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    again = s3_signature.signed(
        "PUT",
        f"/bucket/{NAME}",
        host=headers["host"],
        headers={name: headers[name] for name in listed},
        sha256=SHA,
        region="eu-1",
        key="AKID",
        secret="a secret",
        now=moment,
    )
    assert headers["authorization"] == again["authorization"]
    assert pushing.push(*words, to=shelf.url).stdout.startswith("0 sent")


def test_paid_files_go_to_a_storage_of_their_own(pushing: Pushing, shelf: Shelf, secret: str) -> None:
    words = ("--secret", secret, "--region", "eu-1", "--access-key", "AKID", "--paid")
    assert pushing.push(*words, to=shelf.url).stdout.startswith("2 sent (11 bytes)")
    assert set(shelf.objects) == {"/bucket/course/1.mp4", "/bucket/course/1.jpg"}
    (pushing.folder / "content/videos/course/1.mp4").write_bytes(b"VIDEO")
    (pushing.folder / "content/media.lock").write_text(lock("course/1.mp4", b"VIDEO", "video/mp4"))
    assert pushing.push(*words, to=shelf.url).stdout.startswith("1 sent")


def test_a_storage_zone_gets_its_password_and_the_checksum(pushing: Pushing, shelf: Shelf, secret: str) -> None:
    assert pushing.push("--secret", secret, to=shelf.url).returncode == 0
    _, headers = shelf.objects[f"/bucket/{NAME}"]
    assert (headers["accesskey"], headers["checksum"]) == ("a secret", SHA.upper())


def test_the_secret_is_in_no_message(pushing: Pushing, secret: str) -> None:
    done = pushing.push("--secret", secret, to="http://127.0.0.1:9/bucket")
    assert done.returncode == 1 and "cannot be reached" in done.stderr
    assert "a secret" not in done.stdout + done.stderr


def test_a_storage_without_a_secret_is_wrong_usage(pushing: Pushing) -> None:
    assert pushing.push(to="https://storage.example/zone").returncode == 2


def test_the_example_of_the_specification_is_signed_as_it_says() -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, "Example: PUT Object"."""
    made = s3_signature.signed(
        "PUT",
        "/test%24file.text",
        host="examplebucket.s3.amazonaws.com",
        headers={"date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
        sha256=hashlib.sha256(b"Welcome to Amazon S3.").hexdigest(),
        region="us-east-1",
        key="AKIAIOSFODNN7EXAMPLE",
        secret="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        now=dt.datetime(2013, 5, 24, tzinfo=dt.UTC),
    )
    assert made["authorization"].endswith("Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
