"""What a deploy takes from the operator's machine: secrets that are secret there too, mails' texts, wheels, and sensible hosts."""

from pathlib import Path

import msgspec
import pytest

from deploy import operators_files, outside_look, wheelhouse
from deploy.errors import DeployError
from deploy.facts import ServerFacts, Target
from tests.command import ROOT, longwave
from tests.deploy.test_facts import KEY

LIVE = msgspec.convert({"mode": "live"}, ServerFacts)


def test_every_file_of_the_folder_is_sent_for_root_alone(tmp_path: Path) -> None:
    write(tmp_path, stripe_key="sk_live_1", pepper="p")
    sent = operators_files.secrets(LIVE, beside=tmp_path)
    assert [(file.path, file.text, file.mode, file.secret) for file in sent] == [
        ("/etc/longwave/secrets/pepper", "p", 0o400, True),
        ("/etc/longwave/secrets/stripe_key", "sk_live_1", 0o400, True),
    ]


def test_what_others_can_read_is_no_secret_and_all_such_files_are_named(tmp_path: Path) -> None:
    write(tmp_path, stripe_key="sk_live_1", pepper="p")
    for name in ("stripe_key", "pepper"):
        (tmp_path / "secrets" / name).chmod(0o640)
    with pytest.raises(DeployError) as told:
        operators_files.secrets(LIVE, beside=tmp_path)
    assert [line.split()[-1] for line in str(told.value).splitlines()] == [
        f"{tmp_path}/secrets/pepper",
        f"{tmp_path}/secrets/stripe_key",
    ]
    assert "sk_live_1" not in str(told.value)


@pytest.mark.parametrize("name", ["notes.txt", "Stripe", "a b"])
def test_what_is_no_secret_is_not_sent(tmp_path: Path, name: str) -> None:
    write(tmp_path, **{name: "x"})
    with pytest.raises(DeployError, match="is no secret's name"):
        operators_files.secrets(LIVE, beside=tmp_path)


def test_only_a_sandbox_needs_no_secrets(tmp_path: Path) -> None:
    assert operators_files.secrets(ServerFacts(), beside=tmp_path) == []
    with pytest.raises(DeployError, match="there is no folder"):
        operators_files.secrets(LIVE, beside=tmp_path)


def test_the_operators_texts_of_mails_travel_and_pages_do_not() -> None:
    files = operators_files.theme(ROOT / "theme")
    assert "theme/templates/mail/receipt.txt" in files
    assert "theme/templates/service/orders.html" in files
    assert not any("home.html" in name for name in files)


def test_wheels_fit_the_c_library_of_the_server() -> None:
    twelve = wheelhouse.platforms(Target(debian=12, architecture="x86_64", python=(3, 11)))
    thirteen = wheelhouse.platforms(Target(debian=13, architecture="aarch64", python=(3, 13)))
    assert (twelve[0], thirteen[0]) == ("manylinux_2_36_x86_64", "manylinux_2_41_aarch64")
    assert "manylinux_2_39_x86_64" not in twelve
    with pytest.raises(DeployError, match="no wheels for Debian 12 on riscv64"):
        wheelhouse.platforms(Target(debian=12, architecture="riscv64", python=(3, 11)))


def test_another_source_makes_another_environment(tmp_path: Path) -> None:
    names = {environment(tmp_path / str(number), text=f"a = {number}\n") for number in (1, 1, 2)}
    assert len(names) == 2


@pytest.mark.parametrize(
    ("rests", "everything", "page", "service"),
    [(False, False, 200, 200), (True, False, 200, 503), (True, True, 503, 503)],
)
def test_under_maintenance_an_honest_503_is_what_a_deploy_looks_for(
    rests: bool, everything: bool, page: int, service: int
) -> None:
    paths = outside_look.expected(rests=rests, everything=everything)
    assert paths == {"/": page, "/feed.xml": page, "/api/openapi.json": service}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["deploy", "a host"], 2, "Say which HOST"),
        (["deploy", "root@-oProxyCommand"], 2, "Say which HOST"),
        (["deploy", "--server", "none.toml", "root@h"], 1, "none.toml: there is no such file"),
        (["deploy", "--server", "bad.toml", "root@h"], 1, "bad.toml: mod: there is no such fact"),
    ],
)
def test_a_wrong_command_says_what_is_wrong(tmp_path: Path, arguments: list[str], code: int, said: str) -> None:
    (tmp_path / "server.toml").write_text(f'[ssh]\nadministrators = ["{KEY}"]\n')
    (tmp_path / "bad.toml").write_text('mod = "live"\n')
    told = longwave(*arguments, cwd=tmp_path)
    assert told.returncode == code, told.stderr
    assert said in told.stderr and "Traceback" not in told.stderr


def environment(root: Path, *, text: str) -> str:
    """The name of what a checkout with this one source would get; nothing of it is fetched or built."""
    sources = root / "generator"
    sources.mkdir(parents=True, exist_ok=True)
    for name in wheelhouse.METADATA:
        (root / name).write_text((ROOT / name).read_text())
    (sources / "a.py").write_text(text)
    return wheelhouse.digest_of_sources(root)


def write(folder: Path, **secrets: str) -> None:
    (folder / "secrets").mkdir(mode=0o700)
    for name, text in secrets.items():
        path = folder / "secrets" / name
        path.write_text(text)
        path.chmod(0o600)
