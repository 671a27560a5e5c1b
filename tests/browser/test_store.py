"""The store as its buyers meet it: `longwave serve`, a real browser, and nothing but the pages that they see."""

from urllib.request import urlopen

from tests.browser.person import at, link, opened_until, press, reads, text, type_in
from tests.browser.store import COURSE, Store, begin_to_buy, buy_as_guest, mail, sign_in
from tests.browser.visits import Visitor

BUNDLE, ONLY_IN_BUNDLE = "Everything", "Read the water"
COUPON = "WELCOME25"


def test_a_newcomer_finds_a_course_buys_it_with_a_coupon_and_owns_it(store: Store, person: Visitor) -> None:
    person.open(f"{store.url}/")
    press(person, "Courses")
    press(person, COURSE, within="main")
    begin_to_buy(person, "course", email="ada@example.com")
    type_in(person, "promotion_code", COUPON)
    press(person, "Apply")
    press(person, "Pay $36.75")
    reads(person, "It is in your library")
    receipt = mail(person, store, "ada@example.com", "Your receipt: $36.75")
    assert "Thank you for buying at Night Shift." in receipt
    assert f"{COURSE}: $49" in receipt
    assert "Discount: -$12.25" in receipt
    sign_in(person, store, "ada@example.com")
    reads(person, COURSE)
    press(person, "Orders")
    reads(person, "$36.75")
    with urlopen(link(person, "Invoice")) as invoice:  # a browser would only keep it
        assert invoice.read().startswith(b"%PDF")


def test_the_buyer_signs_in_elsewhere_with_a_code_and_then_with_a_passkey(
    store: Store, person: Visitor, elsewhere: Visitor
) -> None:
    buy_as_guest(person, store, "grace@example.com")
    elsewhere.add_authenticator()
    sign_in(elsewhere, store, "grace@example.com")
    press(elsewhere, "Passkeys")
    reads(elsewhere, "You have no passkey yet.")
    type_in(elsewhere, "name", "My laptop")
    press(elsewhere, "Add a passkey")
    reads(elsewhere, "The passkey My laptop is added.")
    press(elsewhere, "Account")
    press(elsewhere, "Sign out")
    at(elsewhere, "/account/sign-in/#signed_out")
    press(elsewhere, "Sign in with a passkey")
    at(elsewhere, "/account/")
    reads(elsewhere, "Signed in as grace@example.com")
    reads(elsewhere, COURSE)


def test_the_buyer_puts_the_invoice_right(store: Store, person: Visitor) -> None:
    buy_as_guest(person, store, "mary@example.com")
    sign_in(person, store, "mary@example.com")
    press(person, "Orders")
    press(person, "Correct the invoice")
    type_in(person, "name", "Lantern Works")
    type_in(person, "country", "DE")
    press(person, "Send me a corrected invoice")
    at(person, "/account/orders/#invoice_corrected")
    reads(person, "The new one comes by mail.")
    assert "Lantern Works" in mail(person, store, "mary@example.com", "invoice")


def test_a_refunded_bundle_closes_what_it_opened_and_nothing_else(store: Store, person: Visitor) -> None:
    buy_as_guest(person, store, "joan@example.com")
    sign_in(person, store, "joan@example.com")
    person.open(f"{store.url}/courses/")
    press(person, BUNDLE, within="main")
    press(person, "Buy this bundle")
    press(person, "Pay $69")
    reads(person, "It is in your library")
    press(person, "Open my library")
    reads(person, ONLY_IN_BUNDLE)
    assert COURSE in text(person)
    refund(person, store, bought=BUNDLE, buyer="joan@example.com")
    assert BUNDLE in mail(person, store, "joan@example.com", "Refunded: $69")
    person.open(f"{store.url}/account/library/")
    reads(person, COURSE)
    assert ONLY_IN_BUNDLE not in text(person)
    person.open(f"{store.url}/account/orders/")
    reads(person, "$69")
    assert "refunded" in text(person)


def test_buying_and_signing_in_need_no_script(store: Store, person: Visitor) -> None:
    person.allow_scripts(False)
    person.open(f"{store.url}/")
    press(person, "Courses")
    press(person, COURSE, within="main")
    type_in(person, "code", COUPON)
    begin_to_buy(person, "course", email="plain@example.com")
    press(person, "Pay $36.75")
    at(person, "/checkout/done/")
    press(person, "How far is it?")
    reads(person, "Your purchase is in your library")
    assert "We are waiting" not in text(person)
    sign_in(person, store, "plain@example.com")
    press(person, "Open your library")
    reads(person, COURSE)
    assert "Show my library" not in text(person)
    refund(person, store, bought=COURSE, buyer="plain@example.com")
    opened_until(person, f"{store.url}/api/library/page", lambda: "Nothing here yet." in text(person))


def test_orders_browsers_and_passkeys_need_no_script(store: Store, person: Visitor, elsewhere: Visitor) -> None:
    elsewhere.add_authenticator()
    buy_as_guest(elsewhere, store, "quiet@example.com")
    sign_in(elsewhere, store, "quiet@example.com")
    press(elsewhere, "Passkeys")
    type_in(elsewhere, "name", "My laptop")
    press(elsewhere, "Add a passkey")
    reads(elsewhere, "The passkey My laptop is added.")
    person.allow_scripts(False)
    sign_in(person, store, "quiet@example.com", codes=2)
    put_invoice_right(person)
    assert "Lantern Works" in mail(person, store, "quiet@example.com", "invoice")
    person.open(f"{store.url}/account/sessions/")
    press(person, "Show my browsers")
    reads(person, "This browser")
    press(person, "Sign out", within="main .things")
    at(person, "/api/sessions/page#ended")
    reads(person, "That browser is signed out.")
    elsewhere.open(f"{store.url}/account/")
    reads(elsewhere, "Nobody is signed in in this browser.")
    person.open(f"{store.url}/account/passkeys/")
    press(person, "Show my passkeys")
    reads(person, "My laptop")
    press(person, "Remove")
    at(person, "/api/passkeys/page#ended")
    reads(person, "You have no passkey yet.")
    person.open(f"{store.url}/account/devices/")
    press(person, "Show my apps")
    reads(person, "No app uses your account.")


def test_a_wrong_coupon_keeps_what_was_typed(store: Store, person: Visitor) -> None:
    person.allow_scripts(False)
    person.open(f"{store.url}/courses/")
    press(person, COURSE, within="main")
    type_in(person, "code", "WELCOME52")
    type_in(person, "email", "coupon@example.com")
    press(person, "Buy this course")
    reads(person, "The code WELCOME52 is unknown or no longer valid.")
    assert person.evaluate("document.querySelector('[name=email]').value") == "coupon@example.com"
    assert link(person, f"Back to {COURSE}") == f"{store.url}/courses/first-thursday/"
    type_in(person, "code", COUPON)
    press(person, "Try again")
    press(person, "Pay $36.75")
    at(person, "/checkout/done/")


def put_invoice_right(person: Visitor) -> None:
    press(person, "Orders")
    press(person, "Show my orders")
    reads(person, "$49, ")
    press(person, "Correct the invoice")
    type_in(person, "name", "Lantern Works")
    type_in(person, "tax_id_type", "eu_vat")
    type_in(person, "tax_id", "DE1")
    press(person, "Send me a corrected invoice")
    reads(person, "Invalid value for eu_vat.")
    assert person.evaluate("document.querySelector('[name=name]').value") == "Lantern Works"
    type_in(person, "tax_id", "DE123456789")
    press(person, "Send me a corrected invoice")
    at(person, "/account/orders/#invoice_corrected")


def refund(person: Visitor, store: Store, *, bought: str, buyer: str) -> None:
    """All of it, as in Stripe's dashboard."""
    person.open(f"{store.sandbox}/desk")
    rows = "[...document.querySelectorAll('tbody tr')]"
    row = f"{rows}.find(row => row.innerText.includes({buyer!r}) && row.innerText.includes({bought!r}))"
    person.evaluate(f"{row}.querySelector('button').click()")
    reads(person, "refunded")
