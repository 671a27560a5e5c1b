"""The theme alone: every template with a full and a bare context, its styles, its script. Knows no build."""

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined, meta
from msgspec.structs import replace

from generator.render.transcripts import sections
from generator.render.views import ChapterView, EpisodePage, Frame, Head, ParagraphView, TextPage, View
from tests.command import ROOT
from tests.generator import feeds
from tests.generator.theme_contexts import EPISODE, FRAME, FULL, PARAGRAPHS, bare

THEME = ROOT / "theme"
SCRIPT_BYTES_MAX = 3_000
EDGE_CONTRAST_MIN = 3.0  # WCAG 2.2, 1.4.11
CONTRAST_MIN = 4.5  # WCAG 2.2, 1.4.3, level AA
VOID = frozenset(("br", "hr", "img", "input", "link", "meta", "source", "track", "wbr"))
ENVIRONMENT = Environment(
    loader=FileSystemLoader(THEME / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)


class Elements(HTMLParser):
    """Every element's name and attributes, in order, and the faults of nesting."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.misnested: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.misnested.append(tag)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.found if name == tag]

    def values(self, attribute: str) -> list[str]:
        return [attributes[attribute] for _, attributes in self.found if attribute in attributes]


def render(template: str, page: View, *, frame: Frame = FRAME, paragraphs: list[ParagraphView] | None = None) -> str:
    spoken = PARAGRAPHS if paragraphs is None else paragraphs
    notes = "<p>Notes.</p>" if spoken else ""
    chapters = page.chapters if isinstance(page, EpisodePage) else ()
    return ENVIRONMENT.get_template(template).render(
        frame=frame,
        page=page,
        json_ld='{"@type": "Thing"}',
        notes_html=notes,
        chapters=chapters,
        spoken=[spoken for _ in getattr(page, "captions", ())] if spoken else [],
        transcript=sections(spoken, chapters) if spoken else (),
    )


@pytest.fixture(scope="module", params=[f"{kind} {name}" for name in FULL for kind in ("full", "bare")])
def html(request: pytest.FixtureRequest) -> str:
    kind, name = request.param.split()
    if kind == "full":
        return render(name, FULL[name])
    return render(name, bare(FULL[name]), frame=bare(FRAME), paragraphs=[])


without_transcript = pytest.mark.parametrize("paragraphs", [PARAGRAPHS, []], ids=["transcript", "no transcript"])


def test_every_template_of_a_page_is_rendered_here() -> None:
    assert set(FULL) == {path.name for path in (THEME / "templates").glob("*.html")} - {"base.html"}


def test_a_page_has_one_main_heading_and_skips_no_level(html: str) -> None:
    levels = [int(tag[1]) for tag, _ in Elements(html).found if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_element_is_closed_where_it_belongs(html: str) -> None:
    elements = Elements(html)
    assert (elements.misnested, elements.open) == ([], [])


def test_nothing_inline_is_left_for_the_security_policy_to_block(html: str) -> None:
    elements = Elements(html)
    assert all(script.get("src") or script["type"] == "application/ld+json" for script in elements.all("script"))
    assert not elements.all("style")
    assert not [name for _, attributes in elements.found for name in attributes if name == "style" or name[:2] == "on"]


def test_nothing_is_loaded_from_elsewhere(html: str) -> None:
    elements = Elements(html)
    loaded = [*elements.values("src"), *(link["href"] for link in elements.all("link") if link["rel"] != "canonical")]
    assert all(address.startswith("/") for address in loaded)


def test_no_id_occurs_twice(html: str) -> None:
    ids = Elements(html).values("id")
    assert len(ids) == len(set(ids))


def test_every_fragment_has_its_target_even_without_script(html: str) -> None:
    elements = Elements(html)
    fragments = {address[1:] for address in elements.values("href") if address.startswith("#")}
    assert fragments <= set(elements.values("id"))


def test_no_address_is_empty_and_no_element_stands_for_nothing(html: str) -> None:
    elements = Elements(html)
    assert "" not in [*elements.values("href"), *elements.values("src"), *elements.values("content")]
    assert not re.search(r"<(ul|ol|li|h[1-6]|nav|section|p|a)\b[^>]*>\s*</\1>", html)


def test_every_picture_says_what_it_shows_and_how_much_room_it_needs(html: str) -> None:
    assert all({"alt", "width", "height"} <= picture.keys() for picture in Elements(html).all("img"))


def test_every_field_of_a_form_says_what_it_is_for(html: str) -> None:
    elements = Elements(html)
    labelled = set(elements.values("for"))
    typed = [field for field in elements.all("input") if field.get("type") not in ("hidden", "radio")]
    fields = [*typed, *elements.all("textarea"), *(field for field in elements.all("select") if "id" in field)]
    assert {field["id"] for field in fields} == labelled
    assert len(re.findall(r"<label>[^<]+<select(?! id)", html)) == len(re.findall(r"<select(?! id)", html))
    assert len(re.findall(r"<label>\s*<input type=.radio.", html)) == html.count('type="radio"')


@without_transcript
def test_audio_plays_without_script_and_loads_nothing_unasked(paragraphs: list[ParagraphView]) -> None:
    elements = Elements(render("episode.html", EPISODE, paragraphs=paragraphs))
    (audio,) = elements.all("audio")
    assert "controls" in audio and audio["preload"] == "none"
    assert elements.all("source") == [{"src": "/media/x.mp3", "type": "audio/mpeg"}]


@without_transcript
def test_every_chapter_can_be_linked_to(paragraphs: list[ParagraphView]) -> None:
    elements = Elements(render("episode.html", EPISODE, paragraphs=paragraphs))
    assert {"t=10", "t=30.5", "t=90"} <= set(elements.values("id"))


def test_the_transcript_is_whole_and_in_order_under_its_chapters() -> None:
    html = render("episode.html", EPISODE)
    whole = re.findall(r"(?<=>)Chapter [\d.]+(?=</h3>)|Words \d+\.", html)
    assert whole == ["Words 0.", "Chapter 10.0", "Words 10.", "Words 12.", "Chapter 30.5", "Words 31.", "Chapter 90.0"]


def test_a_paragraph_within_the_second_of_its_chapter_stands_under_it_once() -> None:
    chapters = tuple(ChapterView(at=at, clock="0:12", title=f"Chapter {at}") for at in (12.0, 12.04))
    talk = [ParagraphView(start=12.04, at=12, clock="0:12", speaker="", text="Words.")]
    html = render("episode.html", replace(EPISODE, chapters=chapters), paragraphs=talk)
    assert re.findall(r"Chapter [\d.]+(?=</h3>)|Words", html) == ["Chapter 12.0", "Chapter 12.04", "Words"]
    assert Elements(html).values("id").count("t=12") == 1


def test_the_feed_links_the_transcript_where_the_page_has_it() -> None:
    offered = feeds.attributes(feeds.first_item(feeds.rich_site()), "podcast:transcript")
    fragment = next(one["url"].partition("#")[2] for one in offered if one["type"] == "text/html")
    assert fragment in Elements(render("episode.html", EPISODE)).values("id")


def test_an_episode_that_waits_for_its_audio_has_no_player() -> None:
    elements = Elements(render("episode.html", replace(EPISODE, audio=None)))
    assert not elements.all("audio") + elements.all("source")


def test_a_video_is_a_link_with_the_episodes_own_picture() -> None:
    (card,) = re.findall(r'<a class="video".*?</a>', render("episode.html", EPISODE), re.S)
    assert Elements(card).values("href") == ["https://video.example/x"]
    assert Elements(card).values("src") == [EPISODE.image.url]


def test_text_of_editors_is_escaped() -> None:
    html = render("episode.html", EPISODE)
    assert "Is 1 &lt; 2 &amp; 3?" in html
    assert "<there>" not in html


def test_the_menu_shows_where_the_reader_is() -> None:
    html = render("index.html", FULL["index.html"])
    assert '<a href="/people/" aria-current="page">People</a>' in html
    assert '<a href="/posts/">Posts</a>' in html


@pytest.mark.parametrize(("title", "shown"), [("About", "About · Signal Path"), ("Signal Path", "Signal Path")])
def test_the_title_names_the_site_once(title: str, shown: str) -> None:
    page = TextPage(head=Head(title=title, description="", canonical=""), title="x", text_html="", updated=None)
    assert f"<title>{shown}</title>" in render("page.html", page)


@pytest.mark.parametrize("path", sorted((THEME / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_what_a_template_needs_is_known_without_rendering_it(path: Path) -> None:
    names = list(meta.find_referenced_templates(ENVIRONMENT.parse(path.read_text())))
    assert all(name and (THEME / "templates" / name).is_file() for name in names)


def test_the_stylesheet_lists_every_style_once() -> None:
    lines = (THEME / "static/css/site.css").read_text().splitlines()
    styles = {path.relative_to(THEME / "static/css").as_posix() for path in (THEME / "static/css").rglob("*.css")}
    assert sorted(lines) == sorted(f'@import "{name}";' for name in styles - {"site.css", "feed.css"})


def test_styles_load_nothing() -> None:
    styles = [path for path in (THEME / "static/css").rglob("*.css") if path.name != "feed.css"]
    assert not [path.name for path in styles if "url(" in path.read_text()]


def test_the_script_stays_small() -> None:
    assert len((THEME / "static/js/player.js").read_bytes()) < SCRIPT_BYTES_MAX


@pytest.mark.parametrize("ink", ["ink", "soft", "accent", "warm"])
@pytest.mark.parametrize("ground", ["paper", "raised", "marked"])
@pytest.mark.parametrize("scheme", ["light", "dark", "night"])
def test_text_can_be_told_from_its_ground(scheme: str, ground: str, ink: str) -> None:
    colours = schemes()[scheme]
    assert contrast(colours[ink], colours[ground]) >= CONTRAST_MIN


@pytest.mark.parametrize("ground", ["paper", "raised"])
@pytest.mark.parametrize("scheme", ["light", "dark", "night"])
def test_the_edge_of_a_field_can_be_seen(scheme: str, ground: str) -> None:
    assert contrast(schemes()[scheme]["edge"], schemes()[scheme][ground]) >= EDGE_CONTRAST_MIN


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("part", ["keyword", "name", "string", "number", "comment"])
def test_code_can_be_told_from_its_ground(scheme: str, part: str) -> None:
    colours = schemes()[scheme]
    assert contrast(colours[f"code-{part}"], colours["raised"]) >= CONTRAST_MIN


def schemes() -> dict[str, dict[str, str]]:
    blocks = re.findall(r"(?:\:root|\.night) \{(.*?)\}", (THEME / "static/css/tokens.css").read_text(), re.S)
    colours = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in blocks]
    return dict(zip(("light", "dark", "night"), colours, strict=True))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours. Source: WCAG 2.2, definitions of contrast ratio and relative luminance."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
