"""`python -m api`: starts the service, as quickly as its libraries let it."""

import sys

sys.modules["rich"] = None  # type: ignore[assignment]  # structlog would load it for coloured errors, which nobody here sees

from api.program import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
