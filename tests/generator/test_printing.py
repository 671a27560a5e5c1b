"""What templates print of values: exactly what Jinja would have escaped them to."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from generator.plugins.theme import Sandbox

TEMPLATE = "{% macro said(words) %}<b>{{ words }}</b>{% endmacro %}{{ value }}{{ said(value) }}{{ value|safe }}{{ value ~ '<' }}"
TEXTS = st.text(st.sampled_from("a& <>\"'é")) | st.text()


def printed(environment: type[ImmutableSandboxedEnvironment], value: Any) -> str:
    loader = DictLoader({"page.html": TEMPLATE})
    return environment(loader=loader, autoescape=True).get_template("page.html").render(value=value)


@given(TEXTS | TEXTS.map(Markup) | st.integers() | st.booleans() | st.none() | st.floats() | st.lists(TEXTS))
def test_every_value_is_printed_as_jinja_prints_it(value: Any) -> None:
    assert printed(Sandbox, value) == printed(ImmutableSandboxedEnvironment, value)


@pytest.mark.parametrize("mark", "&<>\"'")
def test_each_mark_of_html_is_escaped(mark: str) -> None:
    assert f"<b>{mark}</b>" not in printed(Sandbox, mark)
