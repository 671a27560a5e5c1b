"""The form for an invoice has words for every kind of tax number that Stripe takes, and offers no other."""

import inspect
import re

from stripe.params import CustomerCreateTaxIdParams

from tests.command import ROOT

WORDS = (ROOT / "theme/templates/parts/account/tax_numbers.html").read_text()


def test_every_kind_that_stripe_takes_has_words() -> None:
    source = inspect.getsource(CustomerCreateTaxIdParams)
    at_stripe = re.findall(r'"([a-z]{2}_[a-z_]+)"', source)
    offered = re.findall(r'\("([a-z_]+)", "[^"]+"\)', WORDS)
    assert len(at_stripe) > 100
    assert sorted(offered) == sorted(set(at_stripe))
