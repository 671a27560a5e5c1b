"""Keys and scopes, idempotency, faults on purpose, pages and expansion: what holds for every call of the API."""

import datetime as dt

import pytest

from api.sandbox.books import Books
from api.sandbox.settings import OPERATOR_KEY, SERVICE_KEY, SandboxSettings
from tests.api.sandbox.calls import Sandbox, order

CUSTOMER = {"email": "ada@example.com"}


def error_of(answer: object) -> dict[str, str]:
    found: dict[str, str] = answer.json()["error"]  # type: ignore[attr-defined]
    return found


# ------------------------------------------------------------------ keys


@pytest.mark.parametrize("key", ["", "sk_live_1", "rk_live_1", "rk_test_unknown", "nonsense"])
def test_a_key_that_is_none_opens_nothing(sandbox: Sandbox, key: str) -> None:
    answer = sandbox.get("customers", key=key)
    assert answer.status_code == 401
    assert key[8:] not in answer.text or not key[8:]


def test_the_service_may_sell_but_not_refund_or_discount(sandbox: Sandbox) -> None:
    assert sandbox.call("checkout/sessions", key=SERVICE_KEY, **order()).status_code == 200
    for path in ("refunds", "coupons", "products", "promotion_codes", "webhook_endpoints"):
        assert sandbox.call(path, key=SERVICE_KEY).status_code == 403, path
    assert sandbox.get("refunds", key=SERVICE_KEY).status_code == 200


def test_the_operator_may_refund(sandbox: Sandbox) -> None:
    intent = sandbox.paid()["payment_intent"]
    assert sandbox.call("refunds", key=OPERATOR_KEY, payment_intent=intent).status_code == 200


def test_a_call_that_is_not_offered_says_so(sandbox: Sandbox) -> None:
    answer = sandbox.get("disputes")
    assert answer.status_code == 404
    assert "does not offer" in error_of(answer)["message"]


# ------------------------------------------------------------------ idempotency


def test_a_repeated_key_gets_the_first_answer(sandbox: Sandbox) -> None:
    first = sandbox.call("customers", idempotency_key="k1", **CUSTOMER)
    again = sandbox.call("customers", idempotency_key="k1", **CUSTOMER)
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers


def test_a_key_with_other_parameters_is_refused(sandbox: Sandbox) -> None:
    sandbox.call("customers", idempotency_key="k1", **CUSTOMER)
    answer = sandbox.call("customers", idempotency_key="k1", email="bob@example.com")
    assert (answer.status_code, error_of(answer)["type"]) == (400, "idempotency_error")


def test_a_key_is_kept_for_a_day(sandbox: Sandbox) -> None:
    first = sandbox.call("customers", idempotency_key="k1", **CUSTOMER).json()
    sandbox.clock.advance(hours=23)
    assert sandbox.call("customers", idempotency_key="k1", **CUSTOMER).json() == first
    sandbox.clock.advance(hours=2)
    assert sandbox.call("customers", idempotency_key="k1", **CUSTOMER).json() != first


@pytest.mark.parametrize("status", [500, 503])
def test_an_error_of_stripe_s_own_is_repeated_too(sandbox: Sandbox, status: int) -> None:
    sandbox.client.put("/_sandbox/faults", json=[{"path": "/v1/customers", "status": status}])
    for _ in range(2):
        assert sandbox.call("customers", idempotency_key="k1", **CUSTOMER).status_code == status
    assert sandbox.call("customers", idempotency_key="k2", **CUSTOMER).status_code == 200


def test_work_may_be_done_though_the_answer_is_500(sandbox: Sandbox) -> None:
    sandbox.client.put("/_sandbox/faults", json=[{"path": "/v1/customers", "after": True}])
    assert sandbox.call("customers", idempotency_key="k1", **CUSTOMER).status_code == 500
    assert len(sandbox.get("customers").json()["data"]) == 1


def test_what_was_refused_before_it_began_is_not_kept(sandbox: Sandbox) -> None:
    assert sandbox.call("customers", idempotency_key="k1", email="nonsense").status_code == 400
    sandbox.client.put("/_sandbox/faults", json=[{"path": "/v1/customers", "status": 429}])
    assert sandbox.call("customers", idempotency_key="k1", **CUSTOMER).status_code == 429
    assert sandbox.call("customers", idempotency_key="k1", **CUSTOMER).status_code == 200


def test_a_key_has_up_to_255_characters(sandbox: Sandbox) -> None:
    assert sandbox.call("customers", idempotency_key="k" * 256, **CUSTOMER).status_code == 400
    assert sandbox.call("customers", idempotency_key="k" * 255, **CUSTOMER).status_code == 200


def test_a_declined_card_can_be_made_the_answer(sandbox: Sandbox) -> None:
    sandbox.client.put("/_sandbox/faults", json=[{"path": "/v1/refunds", "status": 402}])
    assert error_of(sandbox.call("refunds", payment_intent="pi_1"))["code"] == "card_declined"


def test_a_refused_call_changes_nothing(sandbox: Sandbox) -> None:
    """The product of an inline price is made before the sum is found too small."""
    assert sandbox.call("checkout/sessions", **order(10)).status_code == 400
    assert sandbox.get("products").json()["data"] == []
    assert sandbox.get("events", type="product.created").json()["data"] == []


# ------------------------------------------------------------------ lists and expansion


def test_pages_walk_through_all_without_a_gap(sandbox: Sandbox) -> None:
    made = [sandbox.call("customers", email=f"{n}@example.com").json()["id"] for n in range(7)]
    seen: list[str] = []
    more = {"limit": "3"}
    while True:
        page = sandbox.get("customers", **more).json()
        seen += [one["id"] for one in page["data"]]
        if not page["has_more"]:
            break
        more["starting_after"] = seen[-1]
    assert seen == made[::-1]


def test_a_page_before_another_is_its_neighbour(sandbox: Sandbox) -> None:
    made = [sandbox.call("customers", email=f"{n}@example.com").json()["id"] for n in range(5)]
    page = sandbox.get("customers", ending_before=made[0], limit="2").json()
    assert [one["id"] for one in page["data"]] == [made[2], made[1]]
    assert page["has_more"]


@pytest.mark.parametrize("limit", ["0", "101", "x"])
def test_a_limit_is_1_to_100(sandbox: Sandbox, limit: str) -> None:
    assert error_of(sandbox.get("customers", limit=limit))["param"] == "limit"


def test_objects_are_listed_by_when_they_were_made(sandbox: Sandbox) -> None:
    sandbox.call("customers", email="old@example.com")
    sandbox.clock.advance(hours=1)
    sandbox.call("customers", email="new@example.com")
    since = int((sandbox.clock() - dt.timedelta(minutes=1)).timestamp())
    assert [one["email"] for one in sandbox.get("customers", **{"created[gte]": since}).json()["data"]] == [
        "new@example.com"
    ]


def test_an_expanded_id_is_the_object(sandbox: Sandbox) -> None:
    session = sandbox.paid()
    expand = {"expand[0]": "payment_intent.latest_charge", "expand[1]": "line_items.data.price.product"}
    whole = sandbox.get(f"checkout/sessions/{session['id']}", **expand).json()
    assert whole["payment_intent"]["latest_charge"]["amount"] == 4900
    assert whole["line_items"]["data"][0]["price"]["product"]["name"] == "Field Recording"


def test_what_is_not_there_cannot_be_expanded(sandbox: Sandbox) -> None:
    session = sandbox.session()
    answer = sandbox.get(f"checkout/sessions/{session['id']}", **{"expand[0]": "colour"})
    assert (answer.status_code, error_of(answer)["param"]) == (400, "expand")


def test_the_stand_in_s_own_notes_are_not_shown(sandbox: Sandbox) -> None:
    session = sandbox.paid()
    answers = [
        sandbox.get(path).text for path in (f"checkout/sessions/{session['id']}", "events", "coupons", "invoices")
    ]
    assert not any('"_' in text for text in answers)


def test_money_in_the_books_outlives_a_restart(sandbox: Sandbox) -> None:
    session = sandbox.paid()
    again = Books(SandboxSettings(data=sandbox.data))
    assert again.get("checkout.session", session["id"])["payment_status"] == "paid"
    again.close()
