"""Whatever order, halves and repetitions the same changes arrive in, the account ends in the same state; notes are never lost."""

import datetime as dt
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import hypothesis
from hypothesis import strategies as st

from api.gateways.show import Show
from api.store import kept, migrations, progress
from api.store.database import Database
from api.usecases import changes
from api.usecases.changes import Sender
from tests.api.syncing import change

NOW = dt.datetime(2026, 1, 5, 6, 0, tzinfo=dt.UTC)
seconds = st.integers(0, 40).map(float)
moments = st.integers(0, 5).map(lambda minutes: NOW - dt.timedelta(minutes=minutes))
progresses = st.builds(
    lambda entity, at, data: change("progress", entity, data, at=at),
    st.sampled_from(["lec_one", "lec_two"]),
    moments,
    st.fixed_dictionaries(
        {},
        optional={
            "position_seconds": seconds,
            "watched": st.lists(st.tuples(seconds, seconds).map(sorted), max_size=3),
            "completed": st.booleans(),
            "reset": st.booleans(),
        },
    ),
)
queued = st.builds(
    lambda entity, at, data: change("queue", entity, data, at=at),
    st.sampled_from(["1", "2"]),
    moments,
    st.sampled_from([{"order": "V"}, {"order": "k"}, None]),
)
marked = st.builds(
    lambda at, data: change("bookmark", "b1", data, at=at),
    moments,
    st.sampled_from([{"lecture": "lec_one", "title": "here"}, {"episode": "3"}, None]),
)
noted = st.builds(
    lambda text, at: change("note", "n1", {"lecture": "lec_one", "text": text}, at=at),
    st.text("ab", max_size=3),
    moments,
)
changed = st.lists(progresses | queued | marked, min_size=1, max_size=12)


class Account:
    """One account on a database of its own, and the devices that push to it."""

    def __init__(self, folder: str) -> None:
        path = Path(folder) / "sync.sqlite"
        migrations.migrate(path, now=NOW, migrations=migrations.sync)
        self.database = Database(path)
        self.database.open()

    def push(self, batch: list[Any], *, device: str, now: dt.datetime = NOW) -> list[Any]:
        with self.database.transaction() as db:
            sender = Sender(account_id="acc_one", writer=device)
            return changes.push(db, sender, batch, cursor="", now=now, show=Show()).results

    @property
    def state(self) -> dict[tuple[str, str], Any]:
        reader = self.database.reader
        found: dict[tuple[str, str], Any] = {
            ("progress", each.lecture_id): changes.progress.value(each) for each in progress.of(reader, "acc_one")
        }
        return found | {(each.kind, each.entity): each.data for each in kept.of(reader, "acc_one")}


def delivered(batches: list[list[Any]]) -> dict[tuple[str, str], Any]:
    with TemporaryDirectory() as folder:
        account = Account(folder)
        for number, batch in enumerate(batches):
            account.push(batch, device=f"dev_{number % 2}", now=NOW + dt.timedelta(seconds=number))
        state = account.state
        account.database.close()
        return state


@hypothesis.settings(max_examples=25, deadline=None, database=None)
@hypothesis.given(sent=changed, data=st.data())
def test_any_order_of_deliveries_ends_in_the_same_state(sent: list[Any], data: st.DataObject) -> None:
    expected = delivered([sent])
    shuffled = data.draw(st.permutations(sent))
    cut = data.draw(st.integers(0, len(sent)))
    again = data.draw(st.lists(st.sampled_from(sent), max_size=4))
    assert delivered([shuffled[:cut], again, shuffled[cut:], shuffled, again]) == expected


@hypothesis.settings(max_examples=25, deadline=None, database=None)
@hypothesis.given(sent=st.lists(st.tuples(noted, st.sampled_from(["dev_a", "dev_b"])), min_size=1, max_size=8))
def test_every_word_of_a_note_stands_or_its_writer_is_told(sent: list[Any]) -> None:
    with TemporaryDirectory() as folder:
        account = Account(folder)
        stands: dict[str, str] = {}
        for note, device in sent:
            [result] = account.push([note], device=device)
            assert result.value is not None
            if result.outcome == "applied":
                stands = {device: note["data"]["text"]}
            else:
                assert result.outcome == "stale"
            [text] = stands.values()
            assert result.value["text"] == account.state["note", "n1"]["text"] == text
        account.database.close()
