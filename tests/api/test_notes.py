"""The page of a lecture reads the notes that its learner has written on it, on whatever device, and nobody else's."""

import pytest
from starlette.applications import Starlette

from api.store.database import Database
from tests.api.syncing import LECTURE, OTHER, Phone, change, signed_in

pytestmark = pytest.mark.usefixtures("catalog")
ADDRESS = f"/api/v1/lectures/{LECTURE}/notes"


def note(text: str, *, at: float = 0.0, lecture: str = LECTURE) -> dict[str, object]:
    return {"lecture": lecture, "position_seconds": at, "text": text}


def test_notes_come_in_the_order_of_their_moments(app: Starlette, database: Database) -> None:
    ada = signed_in(app, database)
    phone = Phone(ada)
    phone.push(change("note", "b", note("later", at=9)), change("note", "a", note("sooner", at=2.5)))
    phone.push(change("note", "c", note("of another lecture", lecture=OTHER)))
    assert [(each["text"], each["position_seconds"]) for each in ada.get(ADDRESS).json()] == [
        ("sooner", 2.5),
        ("later", 9),
    ]
    assert phone.http.get(ADDRESS).json() == ada.get(ADDRESS).json()


def test_a_note_names_the_version_that_its_next_change_is_based_on(app: Starlette, database: Database) -> None:
    ada = signed_in(app, database)
    Phone(ada).push(change("note", "a", note("first")))
    [found] = ada.get(ADDRESS).json()
    changes = [change("note", found["id"], note("second"), base=found["version"])]
    [result] = ada.post("/api/v1/changes", json={"changes": changes}).json()["results"]
    assert result["outcome"] == "applied"
    assert ada.get(ADDRESS).json()[0]["text"] == "second"


def test_a_removed_note_is_gone(app: Starlette, database: Database) -> None:
    ada = signed_in(app, database)
    phone = Phone(ada)
    phone.push(change("note", "a", note("x")))
    phone.push(change("note", "a", None))
    assert ada.get(ADDRESS).json() == []


def test_anothers_notes_are_not_shown(app: Starlette, database: Database) -> None:
    Phone(signed_in(app, database)).push(change("note", "a", note("mine")))
    assert signed_in(app, database, "eve@example.com").get(ADDRESS).json() == []


def test_of_no_lecture_there_are_no_notes(app: Starlette, database: Database) -> None:
    answer = signed_in(app, database).get("/api/v1/lectures/lec_invented/notes")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
