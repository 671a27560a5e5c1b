"""Every page of the sample show loads in a browser under our policy: nothing is refused, missing or in error."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.preview import Preview
from tests.api import process
from tests.browser.visits import Visitor
from tests.command import ROOT, longwave
from tests.deploy.servers import Site, free_port, previewed_by_nginx

SMALL = 320
SENT = """(() => {
  const form = document.forms[0]
  form.elements.currency.value = "eur"
  form.elements.email.value = "a@b.example"
  const sent = Object.fromEntries(new FormData(form))
  if (!sent.code) delete sent.code
  return form.checkValidity() && sent
})()"""
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


def test_no_page_of_a_course_is_wider_than_a_small_screen(site: Site, output: Path, visitor: Visitor) -> None:
    folders = ("courses", "bundles")
    pages = [path for folder in folders for path in (output / folder).rglob("index.html")]
    visitor.resize(SMALL)
    widths = {}
    for page in pages:
        visitor.open(f"{site.url}/{page.parent.relative_to(output)}/")
        widths[page] = visitor.evaluate("document.documentElement.scrollWidth")
    visitor.resize()
    assert {page: width for page, width in widths.items() if width > SMALL} == {}


def test_what_a_buyer_chooses_is_what_the_form_sends(site: Site, visitor: Visitor) -> None:
    visitor.open(f"{site.url}/courses/first-thursday/")
    assert visitor.evaluate(SENT) == {"products": "crs_first_thursday", "currency": "eur", "email": "a@b.example"}


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
