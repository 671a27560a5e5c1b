"""The store as its buyers meet it: `longwave serve`, a real browser, and nothing but the pages that they see."""

from urllib.request import urlopen

from tests.browser.person import at, link, opened_until, press, reads, text, type_in
from tests.browser.store import COURSE, Store, begin_to_buy, buy_as_guest, mail, sign_in
from tests.browser.visits import Visitor

BUNDLE, ONLY_IN_BUNDLE = "Everything", "Read the water"
COUPON = "WELCOME25"


def test_a_newcomer_buys_comes_back_elsewhere_with_a_passkey_and_is_refunded(
    store: Store, person: Visitor, elsewhere: Visitor
) -> None:
    buys_with_a_coupon(person, store, "ada@example.com")
    sign_in(person, store, "ada@example.com")
    reads(person, COURSE)
    press(person, "Orders")
    reads(person, "$36.75")
    with urlopen(link(person, "Invoice")) as invoice:  # a browser would only keep it
        assert invoice.read().startswith(b"%PDF")
    elsewhere.add_authenticator()
    sign_in(elsewhere, store, "ada@example.com", codes=2)
    signs_in_with_a_new_passkey(elsewhere)
    reads(elsewhere, "Signed in as ada@example.com")
    reads(elsewhere, COURSE)
    elsewhere.open(f"{store.url}/courses/")
    press(elsewhere, BUNDLE, within="main")
    press(elsewhere, "Buy this bundle")
    press(elsewhere, "Pay $69")
    reads(elsewhere, "It is in your library")
    press(elsewhere, "Open my library")
    reads(elsewhere, ONLY_IN_BUNDLE)
    refund(elsewhere, store, bought=BUNDLE, buyer="ada@example.com")
    assert BUNDLE in mail(elsewhere, store, "ada@example.com", "Refunded: $69")
    elsewhere.open(f"{store.url}/account/library/")
    reads(elsewhere, COURSE)
    assert ONLY_IN_BUNDLE not in text(elsewhere)
    elsewhere.open(f"{store.url}/account/orders/")
    reads(elsewhere, "$69")
    assert "refunded" in text(elsewhere)


def test_the_same_without_script(store: Store, person: Visitor, elsewhere: Visitor) -> None:
    for browser in (person, elsewhere):
        browser.allow_scripts(False)
    buys_with_a_coupon(person, store, "plain@example.com")
    sign_in(person, store, "plain@example.com")
    press(person, "Open your library")
    reads(person, COURSE)
    assert "Show my library" not in text(person)
    sign_in(elsewhere, store, "plain@example.com", codes=2)
    elsewhere.open(f"{store.url}/courses/")
    press(elsewhere, BUNDLE, within="main")
    press(elsewhere, "Buy this bundle")
    press(elsewhere, "Pay $69")
    at(elsewhere, "/checkout/done/")
    press(elsewhere, "How far is it?")
    reads(elsewhere, "Your purchase is in your library")
    assert "We are waiting" not in text(elsewhere)
    library = f"{store.url}/api/library/page"
    opened_until(elsewhere, library, lambda: ONLY_IN_BUNDLE in text(elsewhere))
    refund(elsewhere, store, bought=BUNDLE, buyer="plain@example.com")
    opened_until(elsewhere, library, lambda: ONLY_IN_BUNDLE not in text(elsewhere))
    assert COURSE in text(elsewhere)
    refund(person, store, bought=COURSE, buyer="plain@example.com")
    opened_until(person, library, lambda: "Nothing here yet." in text(person))


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


def buys_with_a_coupon(person: Visitor, store: Store, email: str) -> None:
    """A guest, from the front page to the receipt."""
    person.open(f"{store.url}/")
    press(person, "Courses")
    press(person, COURSE, within="main")
    type_in(person, "code", COUPON)
    begin_to_buy(person, "course", email=email)
    press(person, "Pay $36.75")
    reads(person, "Thank you")
    receipt = mail(person, store, email, "Your receipt: $36.75")
    assert "Thank you for buying at Night Shift." in receipt
    assert f"{COURSE}: $49" in receipt
    assert "Discount: -$12.25" in receipt


def signs_in_with_a_new_passkey(person: Visitor) -> None:
    press(person, "Passkeys")
    reads(person, "You have no passkey yet.")
    type_in(person, "name", "My laptop")
    press(person, "Add a passkey")
    reads(person, "The passkey My laptop is added.")
    press(person, "Account")
    press(person, "Sign out")
    at(person, "/account/sign-in/#signed_out")
    press(person, "Sign in with a passkey")
    at(person, "/account/")


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
