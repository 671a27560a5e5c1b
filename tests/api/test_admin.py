"""`longwave admin …`, as an operator types it, on the database of a shop: each says what it did and to whom."""

import datetime as dt
import json
from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from api.times import now_utc
from api.usecases import cleaning, deletion
from tests.api import process
from tests.api.shop import EVERYTHING, FREE, OWNER, STRANGER, THURSDAY, WATER, Shop
from tests.command import longwave

Admin = Callable[..., "CompletedProcess[str]"]


@pytest.fixture
def admin(shop: Shop) -> Admin:
    settings = shop.service.settings
    shop.clock.now = now_utc()  # the command reads the real one
    env = process.settings_of(settings.data.parent, STRIPE_API=shop.stripe.url, URL=settings.url)

    def run(*args: str) -> "CompletedProcess[str]":
        answer = longwave("admin", *args, env=env)
        shop.clock.now = now_utc()
        return answer

    return run


def done(answer: "CompletedProcess[str]") -> str:
    assert (answer.returncode, answer.stderr) == (0, "")
    return answer.stdout


def test_find_shows_a_person_with_orders_and_rights(shop: Shop, admin: Admin) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY)
    told = done(admin("find", "owner@one"))
    assert OWNER in told and f"{order_id}  paid  $49" in told and f"{THURSDAY}  purchase  open" in told


def test_find_takes_ids_of_stripe_and_answers_in_json(shop: Shop, admin: Admin) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY)
    intent = shop.rows("SELECT stripe_payment_intent FROM orders")[0][0]
    found = json.loads(done(admin("find", intent, "--json")))
    assert [order["id"] for order in found["orders"]] == [order_id]
    assert [row["action"] for row in found["orders"][0]["history"]] == ["order.begun", "order.paid"]


def test_find_that_finds_nothing_says_what_to_try(shop: Shop, admin: Admin) -> None:
    answer = admin("find", "nobody%_")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "Nothing was found for nobody%_" in answer.stderr and "Traceback" not in answer.stderr


def test_grant_opens_and_says_to_whom(shop: Shop, admin: Admin) -> None:
    shop.owner()
    told = done(admin("grant", OWNER, THURSDAY, "--reason", "prize"))
    assert f"{OWNER} (acc_" in told and "now has The First Thursday" in told
    assert shop.opened(OWNER) == [THURSDAY]
    assert shop.rows("SELECT actor, details FROM audit WHERE action = 'grant.made'")[0][0] == "operator"


def test_grant_twice_is_one_right(shop: Shop, admin: Admin) -> None:
    done(admin("grant", OWNER, EVERYTHING))
    assert "had Everything already" in done(admin("grant", OWNER, EVERYTHING))
    assert len(shop.opened(OWNER)) == 4


def test_grant_can_end(shop: Shop, admin: Admin) -> None:
    shop.owner()
    done(admin("grant", OWNER, THURSDAY, "--until", "2026-01-01"))
    assert shop.opened(OWNER) == []


def test_grant_of_what_is_not_names_what_is(shop: Shop, admin: Admin) -> None:
    answer = admin("grant", OWNER, "crs_none")
    assert answer.returncode == 1 and THURSDAY in answer.stderr
    assert shop.account() is None


def test_revoke_closes_and_pays_nothing_back(shop: Shop, admin: Admin) -> None:
    order_id = shop.buy(shop.owner(), EVERYTHING)
    assert f"no longer has {EVERYTHING}" in done(admin("revoke", OWNER, EVERYTHING, "--reason", "asked for it"))
    assert (shop.opened(OWNER), shop.state(order_id)) == ([], "paid")
    assert "was closed" in done(admin("revoke", OWNER, EVERYTHING))
    assert admin("revoke", OWNER, "crs_none").returncode == 1


def test_refund_gives_back_and_closes(shop: Shop, admin: Admin) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY, WATER)
    told = done(admin("refund", order_id, "--line", WATER))
    assert "$29 of order" in told and OWNER in told and "partially_refunded" in told
    assert shop.opened(OWNER) == [THURSDAY]
    assert "$49 of order" in done(admin("refund", order_id))
    assert (shop.state(order_id), shop.opened(OWNER)) == ("refunded", [])
    shop.tell()
    assert shop.rows("SELECT SUM(amount_cents) FROM refunds") == [(7800,)]


def test_a_refund_under_way_is_not_made_a_second_time(shop: Shop, admin: Admin) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY, WATER)
    shop.stripe.set("pending-refunds", True)
    done(admin("refund", order_id, "--line", WATER))
    assert "wholly refunded already" in admin("refund", order_id, "--line", WATER).stderr
    assert shop.rows("SELECT SUM(amount_cents) FROM refunds") == [(2900,)]


def test_refund_of_more_than_is_left_is_refused(shop: Shop, admin: Admin) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY)
    assert "$49.01 cannot be given back; at most $49 can" in admin("refund", order_id, "--cents", "4901").stderr
    done(admin("refund", order_id))
    assert "wholly refunded already" in admin("refund", order_id).stderr
    assert admin("refund", "ord_none").returncode == 1


def test_resend_mails_the_receipt_again(shop: Shop, admin: Admin) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY)
    assert f"{order_id} goes once more to {OWNER}" in done(admin("resend", order_id))
    assert shop.mailed(OWNER) == ["receipt", "receipt"]
    begun = shop.order(shop.owner(), WATER).json()["id"]
    assert "has had no receipt" in admin("resend", begun).stderr


def test_replay_takes_one_event_or_all_that_failed(shop: Shop, admin: Admin) -> None:
    shop.buy(shop.owner(), THURSDAY)
    with shop.service.database.transaction() as db:
        db.execute("UPDATE events SET state = 'failed', last_error = 'x'")
    (event,) = shop.rows("SELECT id FROM events LIMIT 1")[0]
    assert event in done(admin("replay", "--failed"))
    shop.work()
    assert "No event has failed" in done(admin("replay", "--failed"))
    assert admin("replay", "evt_none").returncode == 1
    assert admin("replay").returncode == 2


def test_reconcile_finds_and_says_what_moved(shop: Shop, admin: Admin) -> None:
    order_id = shop.order(shop.owner(), THURSDAY).json()["id"]
    shop.pay(order_id)
    told = done(admin("reconcile", "--since", "2026-01-01"))
    assert (
        f"moved: {order_id}: pending -> paid" in told and "booked in USD: payments $49, refunds $0, fees $1.72" in told
    )
    assert shop.state(order_id) == "paid"


def test_merge_moves_everything_and_ends_the_first(shop: Shop, admin: Admin) -> None:
    first = shop.owner()
    shop.buy(first, THURSDAY)
    shop.buy(shop.stranger(), WATER)
    told = done(admin("merge", OWNER, STRANGER))
    assert "1 orders and 1 rights" in told and "no account any more" in told
    assert shop.opened(STRANGER) == sorted([THURSDAY, WATER])
    assert first.get("/api/library").status_code == 401
    assert shop.account(OWNER) is None
    assert admin("merge", STRANGER, STRANGER).returncode == 1


def test_after_a_merge_nothing_goes_to_the_first_address(shop: Shop, admin: Admin) -> None:
    shop.buy(shop.owner(), THURSDAY)
    shop.stranger()
    done(admin("merge", OWNER, STRANGER))
    shop.buy(shop.stranger(), WATER)
    assert (shop.mailed(STRANGER), shop.mailed(OWNER)) == (["receipt"], ["receipt"])


def test_what_is_given_to_an_erased_account_is_refused_with_what_to_do(shop: Shop, admin: Admin) -> None:
    shop.buy(shop.owner(), THURSDAY)
    shop.stranger()
    erased = erase(shop, OWNER)
    before = shop.rows("SELECT COUNT(*) FROM audit"), shop.rows("SELECT account_id, product_id FROM grants")
    for refused in (
        admin("grant", erased, WATER),
        admin("merge", erased, STRANGER),
        admin("merge", STRANGER, erased),
    ):
        assert (refused.returncode, refused.stdout) == (1, "")
        assert f"{erased} was erased on" in refused.stderr and "longwave admin grant ADDRESS PRODUCT" in refused.stderr
    assert before == (shop.rows("SELECT COUNT(*) FROM audit"), shop.rows("SELECT account_id, product_id FROM grants"))
    assert shop.opened(STRANGER) == []


def test_an_account_that_was_merged_into_an_erased_one_is_refused_too(shop: Shop, admin: Admin) -> None:
    shop.owner()
    shop.stranger()
    merged = shop.account(OWNER)
    done(admin("merge", OWNER, STRANGER))
    erase(shop, STRANGER)
    assert merged and "was erased on" in admin("grant", merged.id, WATER).stderr


def test_a_receipt_of_an_erased_buyer_goes_to_nobody(shop: Shop, admin: Admin) -> None:
    order_id = shop.buy(shop.owner(), THURSDAY)
    shop.send_mails()
    erase(shop, OWNER)
    refused = admin("resend", order_id)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "was erased on" in refused.stderr and "Its invoice is still at http" in refused.stderr
    assert shop.mailed() == ["receipt"]


def test_an_event_whose_words_were_forgotten_says_so_and_calls_nobody(
    shop: Shop, admin: Admin, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.buy(shop.owner(), THURSDAY)
    with shop.service.database.transaction() as db:
        cleaning.clean(db, now=shop.clock() + dt.timedelta(days=31))
    (event,) = shop.rows("SELECT id FROM events LIMIT 1")[0]
    refused = admin("replay", event)
    assert refused.returncode == 1
    assert f"{event} of" in refused.stderr and "longwave admin reconcile --since" in refused.stderr
    capsys.readouterr()
    shop.work()
    assert shop.rows("SELECT DISTINCT state, last_error FROM events") == [("done", None)]
    assert "event_" not in capsys.readouterr().out


def erase(shop: Shop, email: str) -> str:
    """As the service does two weeks after its owner asked for it; the account's id."""
    account = shop.account(email)
    assert account
    with shop.service.database.transaction() as db:
        deletion.erase(db, account, tell=False, now=shop.clock())
    return account.id


def test_every_command_has_help_with_an_example(admin: Admin) -> None:
    assert "Example: longwave admin" in done(admin("--help"))
    for name in ("find", "grant", "revoke", "refund", "resend", "replay", "reconcile", "merge"):
        assert f"Example: longwave admin {name}" in done(admin(name, "--help"))
    assert admin("find").returncode == 2


def test_a_shop_that_is_not_there_is_told(shop: Shop) -> None:
    answer = longwave("admin", "find", FREE, env={"LONGWAVE_DATA": "/nowhere"})
    assert (answer.returncode, "longwave migrate" in answer.stderr) == (1, True)
