"""Readers who come during a hundred publishes: each gets a whole page and the style sheet it names, never an error."""

import re
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

from generator.write import releases
from tests.deploy.servers import NginxSite
from tests.deploy.web_root import MODIFIED, web_root

PUBLISHES = 100
READERS = 3
EDITION = re.compile(rb"edition (\w+)")
SHEET = re.compile(rb'href="(/assets/[^"]+)"')


def test_a_hundred_publishes_give_no_reader_an_error_or_a_mixed_site(
    nginx_site: Callable[[Path], AbstractContextManager[NginxSite]], tmp_path: Path
) -> None:
    output, www = tmp_path / "output", tmp_path / "www"
    publish(output, www, number=0)
    with nginx_site(www) as site:
        seen, done = Counter[str](), threading.Event()
        readers = [threading.Thread(target=read, args=(site, seen, done)) for _ in range(READERS)]
        for reader in readers:
            reader.start()
        for number in range(1, PUBLISHES + 1):
            publish(output, www, number=number)
            site.nginx.reload()
        done.set()
        for reader in readers:
            reader.join()
    assert set(seen) == {"whole"}
    assert seen["whole"] > PUBLISHES


def publish(output: Path, www: Path, *, number: int) -> None:
    for old in output.glob("assets/*"):
        old.unlink()
    web_root(output, edition=f"e{number}", modified=MODIFIED + number)
    with releases.lock(www):
        release = releases.create(output, www, now=datetime.now(UTC))
        releases.switch(www, release.id)
        releases.prune(www)


def read(site: NginxSite, seen: Counter[str], done: threading.Event) -> None:
    """Loads the page and then what it names, as a browser does, and says how it went."""
    while not done.is_set():
        try:
            seen[judged(site)] += 1
        except OSError as error:
            seen[repr(error)] += 1


def judged(site: NginxSite) -> str:
    page = site.ask("/")
    sheet = SHEET.search(page.body)
    if page.status != 200 or not sheet:
        return f"page {page.status}"
    asset = site.ask(sheet[1].decode())
    if asset.status != 200:
        return f"asset {asset.status}"
    return "whole" if set(EDITION.findall(page.body)) == set(EDITION.findall(asset.body)) else "mixed"
