"""Paid files: without a good link none opens, with one it opens as any file does; and neither log nor cache keeps the link."""

import stat
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from api.secret_files import SANDBOX_LINKS
from deploy import media_keys, preview
from deploy.errors import DeployError
from deploy.media_keys import MediaSecrets
from deploy.preview import Preview
from tests.deploy import links
from tests.deploy.conftest import OLD_SECRET, SECRET, previewed
from tests.deploy.links import ACCOUNT, link
from tests.deploy.servers import NginxSite, Site, previewed_by_nginx
from tests.deploy.test_same_answers import comparable
from tests.deploy.web_root import AUDIO, VIDEO


@pytest.mark.parametrize("name", links.good())
def test_a_good_link_opens_the_file(by_nginx: NginxSite, name: str) -> None:
    assert by_nginx.ask(links.good()[name]).status == 200


@pytest.mark.parametrize("name", links.bad())
def test_nothing_else_opens_one(by_nginx: NginxSite, name: str) -> None:
    address, status = links.bad()[name]
    reply = by_nginx.ask(address)
    assert (reply.status, AUDIO[:64] in reply.body, b"Paid for." in reply.body) == (status, False, False)


def test_every_paid_file_is_closed_to_who_asks_for_it_directly(by_nginx: NginxSite, output: Path) -> None:
    videos = by_nginx.state.parent / "videos"
    files = [f"/private/media/{path.relative_to(videos)}" for path in videos.rglob("*") if path.is_file()]
    kept = output / ".longwave/downloads"
    files += [f"/private/downloads/{path.relative_to(kept)}" for path in kept.rglob("*") if path.is_file()]
    files += [f"/.longwave/downloads/{path.relative_to(kept)}" for path in kept.rglob("*") if path.is_file()]
    assert len(files) >= 5
    for file in files:
        assert by_nginx.ask(file).status in (403, 404), file


def test_seeking_works(by_nginx: NginxSite) -> None:
    part = by_nginx.ask(link(), Range="bytes=100-199")
    assert (part.status, part.body) == (206, AUDIO[100:200])
    assert part.header("content-range") == f"bytes 100-199/{len(AUDIO)}"
    assert by_nginx.ask(link(), Range="bytes=99999-").status == 416
    assert by_nginx.ask(link()).header("accept-ranges") == "bytes"


def test_a_part_of_a_file_is_as_closed_as_the_whole(by_nginx: NginxSite) -> None:
    assert by_nginx.ask(urlsplit(link()).path, Range="bytes=0-1").status == 403


def test_a_player_that_asks_again_with_a_tag_is_told_that_nothing_changed(by_nginx: NginxSite) -> None:
    tag = by_nginx.ask(link()).header("etag") or ""
    assert by_nginx.ask(link(), If_None_Match=tag).status == 304


def test_nobody_on_the_way_keeps_a_paid_file(by_nginx: NginxSite) -> None:
    assert by_nginx.ask(link()).header("cache-control") == "private, max-age=3600"
    assert by_nginx.ask(link(hours=-1)).header("cache-control") == "no-cache"
    assert by_nginx.ask(link()).header("access-control-allow-origin") is None


def test_a_refusal_says_in_words_what_to_do(by_nginx: NginxSite) -> None:
    reply = by_nginx.ask(link(hours=-1))
    assert reply.header("content-type") == "text/html; charset=utf-8"
    assert b"to get a new one" in reply.body
    assert b"Open the lecture" in by_nginx.ask(urlsplit(link()).path).body


def test_no_log_holds_account_or_signature(output: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with previewed_by_nginx(previewed(output, tmp_path / "site")) as site:
        for address in (link(), link("clocks/gone.mp4"), link(hours=-1), links.changed(link(), account="acc_eve")):
            site.ask(address)
        (site.state.parent / "videos" / VIDEO).unlink()
        (site.state.parent / "videos" / VIDEO).symlink_to(
            VIDEO.rpartition("/")[2]
        )  # leads to itself: an error to be told
        assert site.ask(link()).status == 403
        (logged, *_) = site.requests(f"/private/media/{VIDEO}")
    written = "".join(path.read_text() for path in (site.state / "logs").iterdir()) + capfd.readouterr().err
    assert logged["path"] == f"/private/media/{VIDEO}"
    for secret in (ACCOUNT, "acc_eve", "signature", SECRET):
        assert secret not in written, secret


def test_a_link_outlives_the_service(by_nginx: NginxSite) -> None:
    assert by_nginx.ask("/api/library").status == 503
    assert by_nginx.ask(link()).status == 200


def test_a_new_secret_closes_no_link_while_the_old_is_known_and_every_one_after(output: Path, tmp_path: Path) -> None:
    site = previewed(output, tmp_path / "site")
    given = link(secret=SECRET)
    newer = "newest" * 6
    with previewed_by_nginx(with_secrets(site, MediaSecrets(newer, SECRET))) as running:
        assert [running.ask(one).status for one in (given, link(secret=newer))] == [200, 200]
    with previewed_by_nginx(with_secrets(site, MediaSecrets(newer))) as running:
        assert [running.ask(one).status for one in (given, link(secret=newer))] == [403, 200]


def test_without_a_secret_no_link_opens_anything(output: Path, tmp_path: Path) -> None:
    with previewed_by_nginx(with_secrets(previewed(output, tmp_path / "site"), MediaSecrets())) as running:
        assert [running.ask(link(secret=secret)).status for secret in ("", SECRET, SANDBOX_LINKS)] == [403] * 3


def with_secrets(site: Preview, keys: MediaSecrets) -> Preview:
    return preview.Preview(
        **{name: getattr(site, name) for name in site.__struct_fields__ if name != "media_secrets"}, media_secrets=keys
    )


def test_the_file_of_secrets_is_its_owners_alone(by_nginx: NginxSite) -> None:
    assert stat.S_IMODE((by_nginx.state / "media-keys.conf").stat().st_mode) == 0o600
    configuration = "".join(path.read_text() for path in (by_nginx.state / "nginx").rglob("*.conf"))
    assert SECRET not in configuration
    assert OLD_SECRET not in configuration


def test_a_file_that_others_could_read_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "media-keys.conf"
    for left in (path, path.with_suffix(".new")):
        left.write_text("")
        left.chmod(0o644)
    media_keys.write(path, keys=MediaSecrets(SECRET))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("secret", ["short", 'x"; return 200;' + "x" * 32, "x" * 31 + "$"])
def test_a_secret_that_nginx_would_misread_is_refused(secret: str) -> None:
    with pytest.raises(DeployError, match="media_secret"):
        media_keys.text(MediaSecrets(secret))


def test_nginx_reads_the_secrets_that_the_service_signs_with(tmp_path: Path) -> None:
    (tmp_path / "media_secret").write_text(SECRET + "\n")
    environment = {"LONGWAVE_SECRETS": str(tmp_path)}
    assert media_keys.from_environment(environment, is_sandbox=False) == MediaSecrets(SECRET)
    assert media_keys.from_environment(environment, is_sandbox=True) == MediaSecrets(SECRET)
    assert media_keys.from_environment({}, is_sandbox=False) == MediaSecrets()
    assert media_keys.from_environment({}, is_sandbox=True) == MediaSecrets(SANDBOX_LINKS)


def test_secrets_are_never_printed() -> None:
    assert SECRET not in repr(MediaSecrets(SECRET, OLD_SECRET))


ADDRESSES = {**links.good(), **{name: address for name, (address, _) in links.bad().items()}}


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_the_embedded_server_answers_the_same(by_nginx: NginxSite, by_embedded_server: Site, method: str) -> None:
    for name, target in ADDRESSES.items():
        expected, got = by_nginx.ask(target, method), by_embedded_server.ask(target, method)
        assert comparable(got, port=by_embedded_server.port) == comparable(expected, port=by_nginx.port), name
