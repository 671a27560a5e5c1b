"""What can stand in the way of serving, said for the person at the terminal; knows nothing of content mistakes."""


class DeployError(Exception):
    """The root of this package's errors; its message says what to do."""
