"""The log that the real nginx writes is the log that is counted, down to what nobody should send."""

import socket
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from deploy.watch import reading
from deploy.watch.figures import opened
from tests.deploy import servers
from tests.deploy.test_fair_use import EPISODE, www


def test_every_line_of_a_real_log_is_read(tmp_path: Path) -> None:
    with servers.nginx_site(www(tmp_path / "www"), state=tmp_path) as site:
        site.ask("/", User_Agent='Mozilla/5.0 "\\\x7f')
        site.ask(EPISODE, Range="bytes=0-999999", User_Agent="Overcast/3")
        site.ask("/", User_Agent="K\xfcbis Leser")  # in Latin-1, as http.client writes it
        site.ask("/api/x", User_Agent="SomeApp")
        for spoilt in (b"GET /\r\n\r\n", b"\x16\x03\x01nonsense\r\n\r\n", b"BREW / HTTP/1.1\r\nHost: a b\r\n\r\n"):
            with closing(socket.create_connection(("127.0.0.1", site.port), timeout=5)) as connection:
                connection.sendall(spoilt)
                connection.recv(100)
        site.requests("/")  # when it returns, all is written
    (log,) = tmp_path.glob("logs/access-*.json")
    asked = log.read_bytes().splitlines()
    assert len(asked) >= 7
    with opened(tmp_path / "figures.sqlite") as figures:
        later = datetime.now(UTC) + timedelta(days=2)
        assert reading.read(figures, log, now=later, least_bytes=lambda _: 1_000_000) == len(asked)
        assert figures.unreadable() == 0
        assert figures.downloads(date.min, by="app", limit=9) == [("Overcast", 1)]
        by_kind = figures.by_kind(date.min)
    assert by_kind["media", "app"].bytes == 1_000_000
    assert sum(sums.failed for sums in by_kind.values()) == 1  # no service stood behind
