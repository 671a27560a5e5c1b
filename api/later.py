"""Modules that are slow to import and seldom used: imported when they are first used. Knows nothing of them."""

import importlib
from typing import Any


class Later:
    """`Later("webauthn").verify(…)` imports webauthn. Types come from an import under TYPE_CHECKING."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self._name), attribute)
