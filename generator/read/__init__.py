"""Sources to values of `generator.model`; every mistake becomes a Problem with file and line."""
