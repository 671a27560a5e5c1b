"""A person clicks through the stand-in without script; strangers' pages and hostile mails get nowhere."""

import re
from email.message import EmailMessage

import pytest

from api.sandbox import mailbox
from tests.api.sandbox.calls import ADDRESS, SHOP, Object, Sandbox

FIELD = re.compile(r'name="([a-z_]+)"')


def path_of(session: Object) -> str:
    return str(session["url"]).removeprefix(ADDRESS)


def page(sandbox: Sandbox, path: str, status: int = 200) -> str:
    answer = sandbox.client.get(path)
    assert answer.status_code == status, answer.text
    return answer.text


# ------------------------------------------------------------------ checkout


def test_the_page_shows_what_is_paid(sandbox: Sandbox) -> None:
    text = page(sandbox, path_of(sandbox.session()))
    assert "Field Recording" in text
    assert "Pay $49" in text
    assert "<script" not in text


def test_paying_leads_back_to_the_shop(sandbox: Sandbox) -> None:
    session = sandbox.session()
    answer = sandbox.act(session, "pay")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{SHOP}/checkout/done/?session={session['id']}")
    assert sandbox.again(session)["customer_details"]["email"] == "ada@example.com"


def test_going_back_leaves_the_session_open(sandbox: Sandbox) -> None:
    session = sandbox.session()
    assert sandbox.act(session, "back").headers["location"] == f"{SHOP}/checkout/cancelled/"
    assert sandbox.again(session)["status"] == "open"


@pytest.mark.parametrize("email", ["", "nonsense", "a@b@c"])
def test_a_guest_needs_an_address(sandbox: Sandbox, email: str) -> None:
    session = sandbox.session()
    answer = sandbox.act(session, "pay", email=email)
    assert answer.status_code == 422
    assert "Write your e-mail address" in answer.text
    assert sandbox.again(session)["status"] == "open"


def test_a_known_person_is_not_asked_for_the_address(sandbox: Sandbox) -> None:
    customer = sandbox.call("customers", email="known@example.com").json()["id"]
    session = sandbox.session(customer=customer, customer_creation=None)
    assert "email" not in FIELD.findall(page(sandbox, path_of(session)))


def test_what_was_typed_stays_when_something_is_wrong(sandbox: Sandbox) -> None:
    session = sandbox.session()
    assert "Zo&#34;e" in sandbox.act(session, "pay", email="", name='Zo"e').text


def test_a_code_can_be_put_in_and_taken_away(sandbox: Sandbox) -> None:
    session = sandbox.session(allow_promotion_codes="true")
    assert "Pay $36.75" in sandbox.act(session, "code", promotion_code="welcome25").text
    assert "Pay $49" in sandbox.act(session, "remove").text


@pytest.mark.parametrize("code", ["NOBODYS", ""])
def test_a_code_that_is_none_is_refused_in_words(sandbox: Sandbox, code: str) -> None:
    session = sandbox.session(allow_promotion_codes="true")
    answer = sandbox.act(session, "code", promotion_code=code)
    assert answer.status_code == 422
    assert "This code is invalid." in answer.text


def test_codes_are_taken_only_where_the_shop_takes_them(sandbox: Sandbox) -> None:
    session = sandbox.session()
    assert sandbox.act(session, "code", promotion_code="WELCOME25").status_code == 422
    assert sandbox.again(session)["amount_total"] == 4900


def test_terms_must_be_accepted_where_the_shop_asks(sandbox: Sandbox) -> None:
    session = sandbox.session(**{"consent_collection[terms_of_service]": "required"})
    assert sandbox.act(session, "pay").status_code == 422
    assert sandbox.act(session, "pay", terms="accepted").status_code == 303
    assert sandbox.again(session)["consent"]["terms_of_service"] == "accepted"


def test_a_closed_checkout_says_so(sandbox: Sandbox) -> None:
    session = sandbox.paid()
    assert "This checkout is closed" in page(sandbox, f"/checkout/{session['id']}")


def test_a_checkout_closes_when_its_time_is_over(sandbox: Sandbox) -> None:
    session = sandbox.session()
    sandbox.clock.advance(hours=25)
    assert "expired" in page(sandbox, path_of(session))
    assert sandbox.act(session, "pay").status_code == 422
    assert sandbox.again(session)["status"] == "expired"


def test_an_expired_checkout_can_be_taken_up_again(sandbox: Sandbox) -> None:
    session = sandbox.session(**{"after_expiration[recovery][enabled]": "true"})
    sandbox.clock.advance(hours=25)
    url = sandbox.again(session)["after_expiration"]["recovery"]["url"]
    answer = sandbox.client.get(url.removeprefix(ADDRESS))
    again = {"id": answer.headers["location"].rpartition("/")[2]}
    assert sandbox.act(again, "pay").status_code == 303
    assert sandbox.again(again)["recovered_from"] == session["id"]


def test_an_unknown_checkout_is_not_found(sandbox: Sandbox) -> None:
    assert "No such checkout" in page(sandbox, "/checkout/cs_test_nobody", 404)
    assert sandbox.client.post("/checkout/cs_test_nobody", data={"action": "pay"}).status_code == 404


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"action=steal", b"a=" + b"x" * 30_000, b'{"action": "pay"}'])
def test_a_form_that_is_none_changes_nothing(sandbox: Sandbox, body: bytes) -> None:
    session = sandbox.session()
    assert sandbox.client.post(path_of(session), content=body).status_code in (200, 422)
    assert sandbox.again(session)["status"] == "open"


# ------------------------------------------------------------------ the operator's pages


def test_a_refund_on_the_page_is_stripe_s_own(sandbox: Sandbox) -> None:
    session = sandbox.paid()
    assert "Refund" in page(sandbox, "/desk")
    sandbox.client.post(f"/operate/payments/{session['payment_intent']}/refund", data={"amount_cents": "900"})
    (refund,) = sandbox.get("refunds").json()["data"]
    assert (refund["amount"], refund["status"]) == (900, "succeeded")


@pytest.mark.parametrize("amount", ["x", "99999", "-5"])
def test_a_refund_that_cannot_be_is_refused_in_words(sandbox: Sandbox, amount: str) -> None:
    session = sandbox.paid()
    path = f"/operate/payments/{session['payment_intent']}/refund"
    assert sandbox.client.post(path, data={"amount_cents": amount}).status_code == 422
    assert sandbox.get("refunds").json()["data"] == []


def test_the_operator_can_expire_a_checkout(sandbox: Sandbox) -> None:
    session = sandbox.session()
    assert sandbox.client.post(f"/operate/sessions/{session['id']}/expire").status_code == 303
    assert sandbox.again(session)["status"] == "expired"


@pytest.mark.parametrize("path", ["sessions/x/steal", "sessions/cs_nobody/expire", "refunds/re_nobody/fail"])
def test_an_action_on_nothing_is_refused(sandbox: Sandbox, path: str) -> None:
    assert sandbox.client.post(f"/operate/{path}").status_code in (404, 422)


def test_an_invoice_has_a_page_and_a_pdf(sandbox: Sandbox) -> None:
    session = sandbox.paid(**{"invoice_creation[enabled]": "true"})
    invoice = sandbox.get(f"invoices/{session['invoice']}").json()
    assert "SANDBOX-0001" in page(sandbox, invoice["hosted_invoice_url"].removeprefix(ADDRESS))
    pdf = sandbox.client.get(invoice["invoice_pdf"].removeprefix(ADDRESS))
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-1.4")
    assert b"Field Recording: $49" in pdf.content


# ------------------------------------------------------------------ mails


def lay_mail(sandbox: Sandbox, subject: str, text: str, html: str = "") -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Longwave <hello@longwave.example>", "ada@example.com", subject
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    (sandbox.data / "mail").mkdir(exist_ok=True)
    (sandbox.data / "mail" / "m1.eml").write_bytes(mail.as_bytes())


def test_mails_are_listed_and_read_with_their_links(sandbox: Sandbox) -> None:
    assert "None yet" in page(sandbox, "/mails")
    lay_mail(sandbox, "Your code", f"Open {SHOP}/account/code/?x=1&y=2.")
    assert "Your code" in page(sandbox, "/mails")
    assert f'<a href="{SHOP}/account/code/?x=1&amp;y=2">' in page(sandbox, "/mails/m1")


def test_a_mail_s_html_may_not_run(sandbox: Sandbox) -> None:
    lay_mail(sandbox, "<script>alert(1)</script>", "<script>alert(2)</script>", html="<script>alert(3)</script>")
    for path in ("/mails", "/mails/m1"):
        assert "<script" not in page(sandbox, path)
    answer = sandbox.client.get("/mails/m1/html")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("name", ["nobody", "..%2fsandbox", "..%2f..%2fetc%2fpasswd", ".m1.77"])
def test_no_name_leads_out_of_the_folder(sandbox: Sandbox, name: str) -> None:
    lay_mail(sandbox, "x", "y")
    assert sandbox.client.get(f"/mails/{name}").status_code == 404


@pytest.mark.parametrize("name", ["../mail/m1", "./m1", "m1\x00", ""])
def test_a_name_is_not_a_path(sandbox: Sandbox, name: str) -> None:
    lay_mail(sandbox, "x", "y")
    assert mailbox.read(sandbox.data / "mail", "m1") is not None
    assert mailbox.read(sandbox.data / "mail", name) is None


# ------------------------------------------------------------------ safety of every page


PAGES = (
    "/",
    "/desk",
    "/mails",
    "/checkout/cs_test_nobody",
    "/invoices/in_nobody",
    "/receipts/ch_nobody",
    "/recover/cs_x",
)


@pytest.mark.parametrize("path", PAGES)
def test_no_page_may_load_or_run_anything_foreign(sandbox: Sandbox, path: str) -> None:
    answer = sandbox.client.get(path)
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'; img-src 'self';")
    assert not re.search(r"<script|style=|<style| on[a-z]+=", answer.text)


def test_a_form_may_lead_to_this_shop_only(sandbox: Sandbox) -> None:
    policy = sandbox.client.get(path_of(sandbox.session())).headers["content-security-policy"]
    assert policy.endswith(f"form-action 'self' {SHOP}")


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}]
)
def test_another_site_s_form_is_refused(sandbox: Sandbox, headers: dict[str, str]) -> None:
    session = sandbox.session()
    form = {"action": "pay", "email": "ada@example.com"}
    assert sandbox.client.post(path_of(session), data=form, headers=headers).status_code == 403
    assert sandbox.client.put("/_sandbox/script", json={}, headers=headers).status_code == 403
    assert sandbox.again(session)["status"] == "open"


def test_a_foreign_host_name_is_refused(sandbox: Sandbox) -> None:
    """A page elsewhere whose name was made to lead here may not read what is here."""
    assert sandbox.client.get("/mails", headers={"Host": "rebound.example"}).status_code == 400
