"""The tests of Longwave: run with `make test`, the long versions with `make prove`."""
