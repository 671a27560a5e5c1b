"""The form on a course's page asks for what the service's order reads, by the same names."""

import re

from api.routes.orders import OrderRequest
from tests.command import ROOT

FIELD = re.compile(r'name="([a-z_]+)"')


def test_every_field_of_the_form_is_one_of_the_order() -> None:
    fields = set(FIELD.findall((ROOT / "theme/templates/parts/offer.html").read_text(encoding="utf-8")))
    assert fields == {"products", "currency", "email", "code"}
    assert fields == set(OrderRequest.__struct_fields__)
