"""Every page of the sample show loads in a browser under our policy: nothing is refused, missing or in error."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.preview import Preview
from tests.api import process
from tests.browser.visits import Visitor
from tests.command import ROOT, longwave
from tests.deploy.servers import Site, free_port, previewed_by_nginx

LOADED = """new Promise(done => {
  const audio = document.querySelector("audio")
  audio.onloadedmetadata = () => done(audio.duration)
  audio.onerror = () => done(audio.error.message)
  audio.load()
})"""


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sample") / "output"


@pytest.fixture(scope="module")
def site(output: Path) -> Iterator[Site]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    done = longwave("build", "--output", output, "--url", url)
    assert done.returncode == 0, done.stderr
    state = output.with_name("state")
    with process.running(output.parent, URL=url, SITE=str(output)) as service:
        preview = Preview(
            content=ROOT / "content",
            output=output,
            state=state,
            port=port,
            url=url,
            service=f"127.0.0.1:{service.port}",
        )
        with previewed_by_nginx(preview) as nginx:
            yield nginx


def test_every_page_loads_without_a_fault(site: Site, output: Path, visitor: Visitor) -> None:
    pages = [f"/{path.relative_to(output)}".removesuffix("index.html") for path in output.rglob("index.html")]
    faults = {page: visitor.open(site.url + page).faults for page in pages}
    assert "/" in faults
    assert {page: found for page, found in faults.items() if found} == {}


def test_the_page_of_what_is_not_there_loads_without_a_fault(site: Site, visitor: Visitor) -> None:
    visit = visitor.open(f"{site.url}/nowhere/")
    assert visit.text
    assert visit.faults == ()


def test_an_episode_s_player_finds_its_audio(site: Site, output: Path, visitor: Visitor) -> None:
    page = next(output.glob("episodes/1/*/index.html")).parent.relative_to(output)
    visitor.open(f"{site.url}/{page}/")
    assert visitor.evaluate(LOADED) > 1


def test_an_inline_script_is_refused(site: Site, output: Path, visitor: Visitor) -> None:
    (output / "pasted.html").write_text("<!doctype html><title>Pasted</title><script>document.title = 'run'</script>")
    visit = visitor.open(f"{site.url}/pasted.html")
    assert visitor.evaluate("document.title") == "Pasted"
    assert any("Content Security Policy" in fault for fault in visit.faults)


@pytest.mark.parametrize("folder", ["/media/", "/assets/..%2fmedia/"])
def test_a_script_that_was_published_as_media_is_refused(
    site: Site, output: Path, visitor: Visitor, folder: str
) -> None:
    (output / "media/evil.0123abcd.js").write_text("document.title = 'run'")
    script = f'<script src="{folder}evil.0123abcd.js"></script>'
    (output / "linked.html").write_text(f"<!doctype html><title>Linked</title>{script}")
    visit = visitor.open(f"{site.url}/linked.html")
    assert visitor.evaluate("document.title") == "Linked"
    assert visit.faults
