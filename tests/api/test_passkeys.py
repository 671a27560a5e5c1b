"""Passkeys: a signed-in person adds one and signs in with it; nothing old, foreign, copied or unverified opens anything."""

from typing import Any

import pytest
from starlette.applications import Starlette

from api.store.database import Database
from tests.api.authenticator import Authenticator
from tests.api.conftest import ORIGIN, FakeClock
from tests.api.people import Browser, mails

JSON = {"Accept": "application/json"}


@pytest.fixture
def ada(app: Starlette, database: Database) -> Browser:
    return Browser(app, email="ada@example.com").sign_in(database)


@pytest.fixture
def eve(app: Starlette, database: Database) -> Browser:
    return Browser(app, email="eve@example.com", host="198.51.100.9").sign_in(database)


def add(browser: Browser, device: Authenticator, name: str = "Laptop") -> Any:
    options = browser.post("/api/passkeys/challenge").json()["public_key"]
    return browser.post("/api/passkeys", json={"credential": device.create(options), "name": name})


def enter(browser: Browser, device: Authenticator) -> Any:
    options = browser.post("/api/sign-in/passkey/challenge").json()["public_key"]
    return browser.post("/api/sign-in/passkey", json={"credential": device.get(options)})


def test_a_passkey_signs_its_owner_in(app: Starlette, ada: Browser) -> None:
    device = Authenticator(ORIGIN)
    assert add(ada, device).status_code == 201
    fresh = Browser(app, email="")
    assert enter(fresh, device).status_code == 200
    assert fresh.account_id == ada.account_id


def test_the_options_demand_a_verified_person_and_name_nobody(ada: Browser) -> None:
    making = ada.post("/api/passkeys/challenge").json()["public_key"]
    assert making["rp"]["id"] == "localhost"
    assert making["authenticatorSelection"]["userVerification"] == "required"
    assert making["authenticatorSelection"]["residentKey"] == "required"
    asking = ada.post("/api/sign-in/passkey/challenge").json()["public_key"]
    assert (asking["rpId"], asking["userVerification"]) == ("localhost", "required")
    assert asking.get("allowCredentials", []) == []


def test_an_account_can_have_several_with_names(app: Starlette, ada: Browser, clock: FakeClock) -> None:
    devices = [Authenticator(ORIGIN), Authenticator(ORIGIN)]
    for device, name in zip(devices, ("Laptop", "Phone"), strict=True):
        add(ada, device, name)
        clock.advance(seconds=1)
    assert [each["name"] for each in ada.get("/api/passkeys").json()["passkeys"]] == ["Laptop", "Phone"]
    assert [enter(Browser(app, email=""), device).status_code for device in devices] == [200, 200]


def test_a_challenge_is_good_once(app: Starlette, ada: Browser) -> None:
    device = Authenticator(ORIGIN)
    add(ada, device)
    fresh = Browser(app, email="")
    credential = device.get(fresh.post("/api/sign-in/passkey/challenge").json()["public_key"])
    answers = [fresh.post("/api/sign-in/passkey", json={"credential": credential}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 410]


def test_a_challenge_ends_after_five_minutes(app: Starlette, ada: Browser, clock: FakeClock) -> None:
    device = Authenticator(ORIGIN)
    add(ada, device)
    fresh = Browser(app, email="")
    options = fresh.post("/api/sign-in/passkey/challenge").json()["public_key"]
    clock.advance(minutes=5)
    assert fresh.post("/api/sign-in/passkey", json={"credential": device.get(options)}).status_code == 410


def test_a_challenge_of_ones_own_making_is_none(app: Starlette, ada: Browser) -> None:
    device = Authenticator(ORIGIN)
    add(ada, device)
    made_up = {"challenge": "A" * 86, "rpId": "localhost"}
    answer = Browser(app, email="").post("/api/sign-in/passkey", json={"credential": device.get(made_up)})
    assert answer.status_code == 410


def test_a_challenge_for_registering_belongs_to_who_asked(ada: Browser, eve: Browser) -> None:
    options = ada.post("/api/passkeys/challenge").json()["public_key"]
    stolen = eve.post("/api/passkeys", json={"credential": Authenticator(ORIGIN).create(options), "name": "x"})
    assert stolen.status_code == 410


@pytest.mark.parametrize("origin", ["http://localhost:8001", "https://localhost:8000", "http://localhost", "null"])
def test_only_our_exact_origin_counts(ada: Browser, origin: str) -> None:
    assert add(ada, Authenticator(origin)).status_code == 422
    device = Authenticator(ORIGIN)
    add(ada, device)
    device.origin = origin
    assert enter(ada, device).status_code == 422


def test_a_device_that_does_not_verify_its_person_is_refused(app: Starlette, ada: Browser) -> None:
    assert add(ada, Authenticator(ORIGIN, verifies=False)).status_code == 422
    device = Authenticator(ORIGIN)
    add(ada, device)
    device._verifies = False
    assert enter(Browser(app, email=""), device).status_code == 422


def test_a_copied_passkey_is_seen_by_its_count(app: Starlette, ada: Browser) -> None:
    device = Authenticator(ORIGIN)
    add(ada, device)
    assert [enter(Browser(app, email=""), device).status_code for _ in range(2)] == [200, 200]
    device.device.sign_count = 0
    assert enter(Browser(app, email=""), device).status_code == 422


def test_a_wrong_signature_opens_nothing(app: Starlette, ada: Browser) -> None:
    device, other = Authenticator(ORIGIN), Authenticator(ORIGIN)
    add(ada, device)
    add(ada, other)
    device.device.private_key = other.device.private_key
    assert enter(Browser(app, email=""), device).status_code == 422


def test_an_unknown_passkey_is_told_what_to_do(app: Starlette, database: Database) -> None:
    device = Authenticator(ORIGIN)
    device.device.cred_init("localhost", b"acc_nobody")
    answer = enter(Browser(app, email=""), device)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert "code by mail" in answer.json()["detail"]


def test_a_removed_passkey_opens_nothing(app: Starlette, database: Database, ada: Browser) -> None:
    device = Authenticator(ORIGIN)
    id = add(ada, device).json()["id"]
    assert [ada.delete(f"/api/passkeys/{id}").status_code for _ in range(2)] == [204, 404]
    assert enter(Browser(app, email=""), device).status_code == 422
    assert mails(database, "ada@example.com").count("factor_changed") == 2


def test_adding_and_removing_ends_all_other_browsers(app: Starlette, database: Database, ada: Browser) -> None:
    for change in (lambda: add(ada, Authenticator(ORIGIN)), lambda: ada.delete(f"/api/passkeys/{first(ada)}")):
        other = Browser(app, email="ada@example.com").sign_in(database)
        change()
        assert (other.get("/api/account").status_code, ada.get("/api/account").status_code) == (401, 200)


def first(browser: Browser) -> str:
    return str(browser.get("/api/passkeys").json()["passkeys"][0]["id"])


def test_adding_and_removing_need_a_fresh_sign_in(ada: Browser, clock: FakeClock) -> None:
    device = Authenticator(ORIGIN)
    options = ada.post("/api/passkeys/challenge").json()["public_key"]
    id = add(ada, Authenticator(ORIGIN)).json()["id"]
    clock.advance(minutes=10)
    answers = [
        ada.post("/api/passkeys/challenge"),
        ada.post("/api/passkeys", json={"credential": device.create(options), "name": "x"}),
        ada.delete(f"/api/passkeys/{id}"),
    ]
    assert [answer.json()["code"] for answer in answers] == ["stale_sign_in"] * 3


def test_a_strangers_passkey_does_not_exist(ada: Browser, eve: Browser) -> None:
    id = add(ada, Authenticator(ORIGIN)).json()["id"]
    missing = "pky_" + "0" * 26
    for ask in (lambda key: eve.delete(f"/api/passkeys/{key}"),
                lambda key: eve.patch(f"/api/passkeys/{key}", json={"name": "x"})):  # fmt: skip
        theirs, nobodys = ask(id), ask(missing)
        assert theirs.status_code == nobodys.status_code == 404
        assert {**theirs.json(), "request_id": ""} == {**nobodys.json(), "request_id": ""}
    assert first(ada) == id


def test_a_passkey_can_be_renamed(ada: Browser) -> None:
    id = add(ada, Authenticator(ORIGIN)).json()["id"]
    assert ada.patch(f"/api/passkeys/{id}", json={"name": "Old laptop"}).status_code == 204
    assert ada.get("/api/passkeys").json()["passkeys"][0]["name"] == "Old laptop"


def test_the_same_passkey_is_not_registered_twice(ada: Browser, eve: Browser) -> None:
    device = Authenticator(ORIGIN)
    add(ada, device)
    options = eve.post("/api/passkeys/challenge").json()["public_key"]
    credential = device.create(options)
    assert eve.post("/api/passkeys", json={"credential": credential, "name": "x"}).status_code == 201
    options = eve.post("/api/passkeys/challenge").json()["public_key"]
    assert [each["id"] for each in options["excludeCredentials"]] == [credential["id"]]


@pytest.mark.parametrize(
    "credential",
    [{}, {"id": "x"}, {"id": 5, "rawId": [], "response": None}, {"response": {"clientDataJSON": "!!"}},
     {"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "e30", "authenticatorData": "AA",
                                                                    "signature": "AA"}}],
)  # fmt: skip
def test_a_credential_without_sense_is_a_problem(ada: Browser, credential: dict[str, Any]) -> None:
    entered = ada.post("/api/sign-in/passkey", json={"credential": credential})
    added = ada.post("/api/passkeys", json={"credential": credential, "name": "x"})
    assert (entered.status_code, added.status_code) == (422, 422)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/passkeys"), ("POST", "/api/passkeys/challenge"), ("POST", "/api/passkeys"),
     ("PATCH", "/api/passkeys/pky_1"), ("DELETE", "/api/passkeys/pky_1")],
)  # fmt: skip
def test_signed_out_there_are_no_passkeys(app: Starlette, database: Database, method: str, path: str) -> None:
    answer = Browser(app, email="").request(method, path, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")


def test_trying_too_often_has_to_wait(app: Starlette, database: Database) -> None:
    answers = [Browser(app, email="").post("/api/sign-in/passkey/challenge").status_code for _ in range(61)]
    assert answers == [200] * 60 + [429]


def test_a_passkey_of_a_merged_account_opens_the_one_that_was_kept(
    app: Starlette, database: Database, ada: Browser, eve: Browser
) -> None:
    device = Authenticator(ORIGIN)
    add(ada, device)
    old, kept = ada.account_id, eve.account_id
    with database.transaction() as db:
        db.execute(
            "UPDATE accounts SET email = NULL, email_canonical = NULL, merged_into = ? WHERE id = ?", (kept, old)
        )
    fresh = Browser(app, email="")
    assert enter(fresh, device).json()["account_id"] == kept
    assert fresh.account_id == kept
