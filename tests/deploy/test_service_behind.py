"""The service behind nginx and behind the embedded server: the same answers, the same limits, and a site that outlives it."""

import gzip
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from deploy.preview import Preview
from tests.api import process
from tests.api.test_catalog import COURSE, write
from tests.deploy.conftest import previewed
from tests.deploy.servers import NginxSite, Reply, Site, previewed_by_embedded_server, previewed_by_nginx, until

SUMMARY = "What there is to learn. " * 200
ORIGIN = "http://localhost:8000"
OWN_HEADERS = {"server", "date", "connection", "x-request-id"}
REQUESTS: list[tuple[str, str, dict[str, str]]] = [
    ("GET", "/api/openapi.json", {}),
    ("HEAD", "/api/openapi.json", {}),
    ("GET", "/api/openapi.json?x=%20", {"Accept_Encoding": "gzip, br"}),
    ("POST", "/api/openapi.json", {"Content_Length": "0"}),
    ("GET", "/api/", {}),
    ("GET", "/api", {}),
    ("GET", "/api/nowhere", {"Accept": "text/html"}),
    ("GET", "/api/../api/openapi.json", {}),
    ("GET", "/api/%2e%2e/secret", {}),
    ("GET", "/healthz", {}),
    ("GET", "/readyz", {}),
    ("GET", "/metrics", {}),
    ("POST", "/account/nowhere/", {"Content_Length": "0"}),
    ("GET", "/account/nowhere/", {}),
    ("GET", "/-refused/too-large", {}),
    ("GET", "/api/2/episodes/nobody.json", {}),
    ("PUT", "/subscriptions/nobody/phone.txt", {"Content_Length": "0"}),
    ("GET", "/index.php/apps/gpoddersync/subscriptions", {}),
    ("GET", "/clientconfig.json", {"Accept_Encoding": "gzip"}),
    ("GET", "/subscriptions", {}),
    ("GET", "/index.php", {}),
    ("GET", "/-refused/unavailable/person", {}),
]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[process.Process]:
    folder = tmp_path_factory.mktemp("service")
    (folder / "site").mkdir()
    write(folder / "site/catalog.json", courses=[{**COURSE, "summary": SUMMARY}])
    with process.running(folder) as running:
        yield running


def preview_of(output: Path, folder: Path, *, service_port: int) -> Preview:
    return msgspec.structs.replace(previewed(output, folder), service=f"127.0.0.1:{service_port}")


@pytest.fixture(scope="module")
def by_nginx(output: Path, service: process.Process, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NginxSite]:
    folder = tmp_path_factory.mktemp("nginx") / "site"
    with previewed_by_nginx(preview_of(output, folder, service_port=service.port)) as site:
        yield site


@pytest.fixture(scope="module")
def by_embedded_server(
    output: Path, service: process.Process, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("embedded") / "site"
    with previewed_by_embedded_server(preview_of(output, folder, service_port=service.port)) as site:
        yield site


def comparable(site: Site, reply: Reply) -> tuple[int, list[tuple[str, str]], bytes]:
    headers = sorted(
        (name, value.replace(f":{site.port}/", ":PORT/")) for name, value in reply.headers if name not in OWN_HEADERS
    )
    return reply.status, headers, without_id(reply.body)


def without_id(body: bytes) -> bytes:
    """A problem document names its request, which no two share."""
    if not body.startswith(b'{"title"'):
        return body
    return json.dumps({name: value for name, value in json.loads(body).items() if name != "request_id"}).encode()


@pytest.mark.parametrize(("method", "target", "headers"), REQUESTS, ids=str)
def test_both_servers_give_the_services_answer_alike(
    by_nginx: NginxSite, by_embedded_server: Site, method: str, target: str, headers: dict[str, str]
) -> None:
    embedded, nginx = (comparable(site, site.ask(target, method, **headers)) for site in (by_embedded_server, by_nginx))
    assert embedded == nginx


def test_the_service_answers_below_api(by_nginx: NginxSite) -> None:
    answer = by_nginx.ask("/api/openapi.json")
    assert (answer.status, json.loads(answer.body)["openapi"]) == (200, "3.1.0")
    assert answer.header("content-security-policy")
    assert [value for name, value in answer.headers if name == "cache-control"] == ["public, max-age=300"]


def test_a_post_on_an_account_page_reaches_the_service_and_a_get_the_page(by_nginx: NginxSite) -> None:
    posted = by_nginx.ask("/account/nowhere/", "POST", Content_Length="0")
    assert (posted.status, json.loads(posted.body)["code"]) == (404, "not_found")
    assert b"Nothing here" in by_nginx.ask("/account/nowhere/").body


def test_health_and_figures_are_not_public(by_nginx: NginxSite) -> None:
    assert {by_nginx.ask(path).status for path in ("/healthz", "/readyz", "/metrics")} == {404}


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/api/x", 70_000, 413),
        ("/api/stripe/events", 300_000, 413),
        ("/api/v1/changes", 1_100_000, 413),
        ("/api/2/episodes/nobody.json", 4_200_000, 413),
        ("/subscriptions/nobody/phone.txt", 4_200_000, 413),
        ("/index.php/apps/gpoddersync/episode_action/create", 4_200_000, 413),
    ],
)
def test_too_large_a_body_is_a_problem_document(by_nginx: NginxSite, path: str, size: int, status: int) -> None:
    answer = by_nginx.ask(path, "POST", Content_Length=str(size))
    assert (answer.status, answer.header("content-type")) == (status, "application/problem+json")
    assert json.loads(answer.body)["code"] == "too_large"


def test_what_apps_fetch_is_compressed_and_known_again(by_nginx: NginxSite) -> None:
    answer = by_nginx.ask("/api/v1/courses/crs_one", Accept_Encoding="gzip")
    assert (answer.status, answer.header("content-encoding")) == (200, "gzip")
    assert len(json.loads(gzip.decompress(answer.body))["summary"]) == len(SUMMARY)
    etag = answer.header("etag")
    assert by_nginx.ask("/api/v1/courses/crs_one", If_None_Match=etag or "").status == 304


def test_the_log_has_the_template_of_a_path_and_the_requests_id(by_nginx: NginxSite) -> None:
    answer = by_nginx.ask("/api/openapi.json?token=s3cr3t")
    by_nginx.ask("/api/unknown/s3cr3t")
    logged = by_nginx.requests("/api/openapi.json")
    assert answer.header("x-request-id") in {line["request"] for line in logged}
    assert answer.header("x-path-template") is None
    texts = [file.read_text() for file in (by_nginx.state / "logs").glob("access*.json")]
    assert not any("s3cr3t" in text for text in texts)


def test_no_log_has_a_user_name_of_a_podcast_app(
    output: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with previewed_by_nginx(preview_of(output, tmp_path / "site", service_port=port)) as site:
        for path in (
            "/api/2/episodes/lwsync_s3cr3t.json",
            "/subscriptions/lwsync_s3cr3t/phone.opml?x=s3cr3t",
            "/api/x",
        ):
            assert site.ask(path).status == 503
        assert [line["status"] for line in site.requests("/subscriptions/…")] == [503]
        texts = [file.read_text() for file in (site.state / "logs").iterdir()]
    errors = "".join(capfd.readouterr())
    assert "/api/x" in errors  # what stops other addresses is told
    assert not any("s3cr3t" in text for text in (*texts, errors))


def test_signing_in_again_and_again_is_slowed_down_by_address(by_nginx: NginxSite) -> None:
    answers = [by_nginx.ask("/api/sign-in", "POST", Content_Length="0") for _ in range(30)]
    refused = [answer for answer in answers if answer.status == 429]
    assert answers[0].status != 429
    assert refused
    assert all(json.loads(answer.body)["code"] == "rate_limited" for answer in refused)
    assert {answer.header("retry-after") for answer in refused if b"request_id" not in answer.body} == {"10"}
    assert by_nginx.ask("/api/openapi.json").status == 200


def test_a_crowd_behind_one_address_may_order(by_nginx: NginxSite) -> None:
    answers = [by_nginx.ask("/api/orders", "POST", Content_Length="0") for _ in range(150)]
    assert 429 not in {answer.status for answer in answers}


@pytest.fixture(params=["nginx", "embedded"])
def with_dead_service(request: pytest.FixtureRequest, output: Path, tmp_path: Path) -> Iterator[Site]:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    starts = {"nginx": previewed_by_nginx, "embedded": previewed_by_embedded_server}
    with starts[request.param](preview_of(output, tmp_path / "site", service_port=port)) as site:
        yield site


def test_without_the_service_the_site_is_there_as_ever(with_dead_service: Site) -> None:
    assert with_dead_service.ask("/").status == 200
    assert with_dead_service.ask("/feed.xml").status == 200
    audio = with_dead_service.ask("/media/0001-hello.0123abcd.mp3", Range="bytes=0-9")
    assert (audio.status, len(audio.body)) == (206, 10)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_the_service_a_program_gets_a_problem_document(with_dead_service: Site, method: str) -> None:
    answer = with_dead_service.ask("/api/library", method, Content_Length="0")
    assert (answer.status, answer.header("content-type")) == (503, "application/problem+json")
    assert json.loads(answer.body)["code"] == "unavailable"
    assert (answer.header("retry-after"), answer.header("cache-control")) == ("10", "no-cache")


@pytest.mark.parametrize(("method", "path"), [("POST", "/api/sign-in"), ("POST", "/account/code/"), ("GET", "/api/x")])
def test_without_the_service_a_person_gets_a_page(with_dead_service: Site, method: str, path: str) -> None:
    answer = with_dead_service.ask(path, method, Content_Length="0", Accept="text/html,application/xhtml+xml")
    assert (answer.status, answer.header("content-type")) == (503, "text/html; charset=utf-8")
    assert b"Nothing was changed and nothing was charged" in answer.body
    assert answer.header("retry-after") == "10"


def test_a_service_that_comes_back_is_asked_at_once(output: Path, tmp_path: Path) -> None:
    (tmp_path / "service/site").mkdir(parents=True)
    with process.running(tmp_path / "service") as first:
        port = first.port
        with previewed_by_nginx(preview_of(output, tmp_path / "site", service_port=port)) as site:
            assert site.ask("/api/openapi.json").status == 200
            first.end(9)
            assert site.ask("/api/openapi.json").status == 503
            with socket.create_server(("127.0.0.1", port)) as listener:
                second = process.start(listener, process.settings_of(tmp_path / "service"), said=tmp_path / "said.txt")
            until(lambda: site.ask("/api/openapi.json").status == 200)
            second.end()
