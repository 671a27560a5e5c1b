"""Which certificate is served, with real openssl and real files: there is always one, and a bad one never takes its place."""

import datetime as dt
import os
import subprocess
from pathlib import Path

import msgspec
import pytest

from deploy.server import acme_state, certificate, tls_files
from deploy.server.acme_state import Failure
from deploy.server.certificate import Certificate, Pair, Wish
from deploy.watch import states

NOW = dt.datetime.now(dt.UTC)
NAMES = ("signalpath.example", "www.signalpath.example")
ACME = Wish(kind="acme", names=NAMES)
DAY = dt.timedelta(days=1)


class Machine(msgspec.Struct, frozen=True):
    """A server's folders: what it serves, what an authority's client or the operator lay there, what watching reads."""

    folder: Path
    served: Pair
    issued: Pair
    given: Pair

    def state(self) -> states.State:
        return states.read([self.folder / "state"])["certificate"]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    pairs = {
        name: Pair(tmp_path / name / "chain.pem", tmp_path / name / "key.pem") for name in ("tls", "issued", "given")
    }
    for pair in pairs.values():
        pair.chain.parent.mkdir()
    monkeypatch.setattr(tls_files, "TLS", tmp_path / "tls")
    monkeypatch.setattr(tls_files, "SERVED", pairs["tls"])
    monkeypatch.setattr(tls_files, "SOURCES", {"acme": pairs["issued"], "files": pairs["given"]})
    monkeypatch.setattr(tls_files, "succeeds", lambda *_: False)  # no nginx to reload
    monkeypatch.setattr(acme_state, "FAILURE", tmp_path / "failure.json")
    record = states.record
    monkeypatch.setattr(states, "record", lambda *given, **named: record(*given, **named, folder=tmp_path / "state"))
    return Machine(tmp_path, pairs["tls"], pairs["issued"], pairs["given"])


def sign(pair: Pair, names: tuple[str, ...] = NAMES, *, days: int = 90) -> Pair:
    """By an authority: its own name is another than the certificate's."""
    folder = pair.chain.parent
    for file in (pair.chain, pair.key):
        file.unlink(missing_ok=True)
    ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    made = [folder / "root.pem", folder / "root.key"]
    openssl("req", "-x509", *ec, "-subj", "/CN=authority", "-out", str(made[0]), "-keyout", str(made[1]))
    asked = ["-subj", "/CN=site", "-CA", str(made[0]), "-CAkey", str(made[1]), "-days", str(days)]
    alternatives = ",".join(f"DNS:{name}" for name in names)
    out = ["-out", str(pair.chain), "-keyout", str(pair.key), "-addext", f"subjectAltName={alternatives}"]
    openssl("req", "-x509", *ec, *asked, *out)
    return pair


def openssl(*words: str) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True)


def test_before_the_first_certificate_there_is_one_of_our_own(machine: Machine) -> None:
    outcome = tls_files.ensure(ACME, now=NOW)
    assert (outcome.changed, outcome.is_self_signed, outcome.names) == (True, True, NAMES)
    assert machine.served.key.stat().st_mode & 0o077 == 0
    assert not tls_files.ensure(ACME, now=NOW).changed


def test_what_an_authority_issued_takes_its_place(machine: Machine) -> None:
    tls_files.ensure(ACME, now=NOW)
    sign(machine.issued)
    outcome = tls_files.ensure(ACME, now=NOW)
    assert (outcome.changed, outcome.is_self_signed, outcome.problem) == (True, False, "")
    assert machine.served.chain.read_bytes() == machine.issued.chain.read_bytes()
    assert machine.state().ok


def test_key_and_chain_change_by_one_link(machine: Machine) -> None:
    tls_files.ensure(ACME, now=NOW)
    before = {file: file.resolve() for file in (machine.served.chain, machine.served.key)}
    sign(machine.issued)
    tls_files.ensure(ACME, now=NOW)
    after = {file: file.resolve() for file in before}
    assert {path.parent for path in after.values()} == {(machine.folder / "tls" / "live").resolve()}
    assert not set(before.values()) & set(after.values())
    assert [path.name for path in (machine.folder / "tls").iterdir() if path.is_dir() and not path.is_symlink()] == [
        after[machine.served.chain].parent.name
    ]


@pytest.mark.parametrize("harm", ["another_key", "another_site", "over", "no_pem", "a_link", "a_pipe"])
def test_a_bad_one_never_takes_the_place_of_a_good_one(machine: Machine, harm: str) -> None:
    good = sign(machine.issued).chain.read_bytes()
    tls_files.ensure(ACME, now=NOW)
    spoil(machine.issued, harm)
    later = NOW + 20 * DAY if harm == "over" else NOW
    outcome = tls_files.ensure(ACME, now=later)
    assert not outcome.changed
    assert outcome.problem
    assert machine.served.chain.read_bytes() == good


def spoil(pair: Pair, harm: str) -> None:
    if harm == "another_key":
        key = pair.key.read_bytes()
        sign(pair)
        pair.key.write_bytes(key)
    elif harm == "another_site":
        sign(pair, ("evil.example",))
    elif harm == "over":
        sign(pair, days=1)
    else:
        pair.chain.rename(pair.chain.with_name("real.pem"))
        if harm == "a_link":
            pair.chain.symlink_to("real.pem")
        elif harm == "a_pipe":
            os.mkfifo(pair.chain)
        else:
            pair.chain.write_text("no certificate")


def test_the_operator_s_own_files_are_served_and_missed_when_they_are_not_there(machine: Machine) -> None:
    wish = Wish(kind="files", names=NAMES)
    missed = tls_files.ensure(wish, now=NOW)
    assert missed.is_self_signed
    assert "No such file" in missed.problem
    assert not machine.state().ok
    sign(machine.given)
    assert tls_files.ensure(wish, now=NOW).problem == ""
    assert machine.state().ok


def test_a_name_that_the_certificate_lacks_is_told_and_costs_the_others_nothing(machine: Machine) -> None:
    sign(machine.issued, NAMES[:1])
    outcome = tls_files.ensure(ACME, now=NOW)
    assert outcome.names == NAMES[:1]
    assert "www.signalpath.example: not in the certificate" in outcome.problem
    assert not machine.state().ok


def test_one_of_our_own_follows_the_names_of_the_facts(machine: Machine) -> None:
    tls_files.ensure(Wish(kind="self_signed", names=NAMES[:1]), now=NOW)
    assert tls_files.ensure(Wish(kind="self_signed", names=NAMES), now=NOW).names == NAMES


def test_a_renewal_that_fails_is_an_alarm_only_when_time_runs_out(machine: Machine) -> None:
    sign(machine.issued)
    acme_state.note_failure("no answer", now=NOW)
    assert tls_files.ensure(ACME, now=NOW + 62 * DAY).problem == "no answer"
    assert machine.state().ok
    tls_files.ensure(ACME, now=NOW + 70 * DAY)
    assert not machine.state().ok


@pytest.mark.parametrize("life", [90, 45, 6])
def test_a_certificate_is_due_with_a_third_of_its_life_left(life: int) -> None:
    made = Certificate(names=frozenset(NAMES), not_before=NOW, not_after=NOW + life * DAY, is_self_signed=False)
    assert not certificate.is_due(made, now=NOW + life * DAY * 0.66)
    assert certificate.is_due(made, now=NOW + life * DAY * 0.67)


def test_an_authority_that_refuses_is_left_in_peace_for_longer_each_time(machine: Machine) -> None:
    waits = []
    for _ in range(7):
        acme_state.note_failure("refused", now=NOW)
        waits.append((acme_state.last_failure().not_before - NOW) / dt.timedelta(hours=1))
    assert waits == [1, 2, 4, 8, 12, 12, 12]
    acme_state.note_success()
    assert acme_state.last_failure() == Failure()


def test_what_the_account_without_rights_wrote_is_cut_and_printable(machine: Machine) -> None:
    acme_state.note_failure("\x1b[2J" + "x" * 9000, now=NOW)
    said = acme_state.last_failure().said
    assert len(said) == acme_state.SAID_MAX
    assert said.isprintable()
    acme_state.FAILURE.write_text("{")
    assert acme_state.last_failure() == Failure()
