"""What the site's pages keep until the service has confirmed it: nothing is lost, nothing goes to another account."""

import json
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.usecases import incoming
from api.usecases.incoming import Unreadable
from tests.command import ROOT

ADA, BOB = "aaaaaaaaaaaa", "bbbbbbbbbbbb"
# A browser as far as the modules look at it. `sent` is what was posted, `answer` what comes back: a status or a work of its own.
BROWSER = """
const store = new Map();
globalThis.localStorage = new Proxy({
  getItem: (name) => store.get(name) ?? null,
  setItem: (name, value) => { store.set(name, value); },
  removeItem: (name) => { store.delete(name); },
}, { ownKeys: () => [...store.keys()], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }) });
globalThis.document = { cookie: "" };
globalThis.sent = [];
globalThis.during = () => {};
globalThis.answers = (change) => ({ id: change.id, outcome: "applied", value: change.data, version: 1, problem: null });
globalThis.status = 200;
globalThis.fetch = async (path, { body }) => {
  const { changes } = JSON.parse(body);
  sent.push(...changes);
  await during();
  const data = { results: changes.map(answers) };
  return { ok: status === 200, status, headers: { get: () => "application/json" }, json: async () => data };
};
globalThis.sign = (mark) => { document.cookie = mark ? `__Host-signed-in=${mark}` : ""; };
const [outbox, places, ranges] = await Promise.all(["outbox", "places", "ranges"].map((name) => import(`./learn/${name}.js`)));
const waiting = () => [...store.keys()].filter((name) => name.startsWith("longwave.unsent."));
"""


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scripts") / "js"
    shutil.copytree(ROOT / "theme/static/js", folder)
    (folder / "package.json").write_text('{"type": "module"}')
    return folder


def told(scripts: Path, work: str) -> Any:
    """What `work`, the body of a function, returns in a browser of its own."""
    script = f"{BROWSER}\nconsole.log(JSON.stringify(await (async () => {{ {work} }})()));"
    (scripts / "asked.mjs").write_text(script)
    done = subprocess.run(["node", "asked.mjs"], cwd=scripts, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_what_is_said_again_before_it_was_sent_is_one_change_with_all_that_was_watched(scripts: Path) -> None:
    [change] = told(
        scripts,
        f"""sign("{ADA}");
        outbox.put("progress", "lec_a", {{ position_seconds: 5, watched: [[0, 5]], completed: true }});
        outbox.put("progress", "lec_a", {{ position_seconds: 30, watched: [[20, 30]] }});
        await outbox.send();
        return sent;""",
    )
    assert change["data"] == {"position_seconds": 30, "watched": [[0, 5], [20, 30]], "completed": True}


def test_the_service_understands_every_kind_of_it(scripts: Path) -> None:
    sent = told(
        scripts,
        f"""sign("{ADA}");
        places.note("progress", "lec_a", {{ position_seconds: 5.1, total_seconds: 44, watched: [[0.2, 5.1]], completed: true }});
        places.startOver("progress", "lec_b");
        places.note("listening", "4", {{ position_seconds: 9, total_seconds: 40, played: true }});
        outbox.put("note", outbox.uuid7(), {{ lecture: "lec_a", position_seconds: 5, text: "x" }}, {{ base: 3 }});
        outbox.put("note", "n-1", null);
        await outbox.send();
        return sent;""",
    )
    assert len(sent) == 5
    assert [problem for problem in map(incoming.read, sent) if isinstance(problem, Unreadable)] == []


def test_nothing_is_dropped_until_it_is_confirmed(scripts: Path) -> None:
    before, after = told(
        scripts,
        f"""sign("{ADA}"); status = 503;
        outbox.put("listening", "4", {{ position_seconds: 9 }});
        await outbox.send();
        const before = waiting().length;
        status = 200;
        await outbox.send();
        return [before, waiting().length];""",
    )
    assert (before, after) == (1, 0)


def test_what_goes_on_while_it_is_sent_is_sent_too(scripts: Path) -> None:
    positions = told(
        scripts,
        f"""sign("{ADA}");
        outbox.put("listening", "4", {{ position_seconds: 9 }});
        let once = false;
        during = () => {{ if (!once) {{ once = true; outbox.put("listening", "4", {{ position_seconds: 12 }}); }} }};
        await outbox.send();
        return sent.map((change) => change.data.position_seconds);""",
    )
    assert positions == [9, 12]


def test_starting_over_is_sent_beside_what_came_after_it(scripts: Path) -> None:
    sent = told(
        scripts,
        f"""sign("{ADA}");
        places.note("progress", "lec_a", {{ position_seconds: 40, watched: [[0, 40]], completed: true }});
        places.startOver("progress", "lec_a");
        places.note("progress", "lec_a", {{ position_seconds: 2, watched: [[0, 2]] }});
        await outbox.send();
        return sent.map((change) => change.data);""",
    )
    assert sorted(sent, key=len) == [{"reset": True}, {"position_seconds": 2, "watched": [[0, 2]]}]


def test_what_was_heard_before_signing_in_goes_to_who_signs_in(scripts: Path) -> None:
    sent, left = told(
        scripts,
        f"""places.note("listening", "4", {{ position_seconds: 9 }});
        await outbox.send();
        const before = sent.length;
        sign("{ADA}");
        await outbox.send();
        return [[before, sent.map((change) => change.entity)], waiting()];""",
    )
    assert (sent, left) == ([0, ["4"]], [])


def test_what_one_account_could_not_send_never_goes_to_another(scripts: Path) -> None:
    for_bob, for_ada = told(
        scripts,
        f"""sign("{ADA}"); status = 0;
        outbox.put("listening", "4", {{ position_seconds: 9 }});
        await outbox.send();
        sent.length = 0; status = 200; sign("{BOB}");
        await outbox.send();
        const forBob = [...sent];
        sign("{ADA}");
        await outbox.send();
        return [forBob, sent.length];""",
    )
    assert (for_bob, for_ada) == ([], 1)


def test_an_ended_session_is_noticed_and_keeps_what_waits(scripts: Path) -> None:
    cookie, left = told(
        scripts,
        f"""sign("{ADA}"); status = 401;
        outbox.put("listening", "4", {{ position_seconds: 9 }});
        await outbox.send();
        return [document.cookie, waiting().length];""",
    )
    assert "Max-Age=0" in cookie
    assert left == 1


RANGE = st.tuples(st.integers(0, 300), st.integers(0, 60)).map(lambda pair: [pair[0], pair[0] + pair[1]])


@settings(max_examples=12, deadline=None)  # each is a process
@given(st.lists(st.lists(RANGE, max_size=6), max_size=40))
def test_what_was_watched_is_united_and_loses_nothing(scripts: Path, sets: list[list[list[int]]]) -> None:
    given_sets = msgspec.json.encode(sets).decode()
    found = told(scripts, f"return {given_sets}.map((one) => ranges.united(one));")
    for before, after in zip(sets, found, strict=True):
        assert all(any(a <= start and end <= b for a, b in after) for start, end in before if end > start)
        assert all(one[1] + 1 < other[0] for one, other in pairwise(after))
        assert sum(b - a for a, b in after) <= sum(end - start + 1 for start, end in before)
