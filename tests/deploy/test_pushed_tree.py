"""What may be pushed: rules over a tree, and trees of real commits. Pushes of a real editor are in test_publishing.py."""

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from deploy.errors import DeployError
from deploy.server import pushed_tree, shell, tree_rules
from deploy.server.tree_rules import Entry

TREE = {"content": "040000 a", "theme": "040000 b", "Makefile": "100644 c", "api": "040000 d"}


def plain(path: str, *, size: int = 10) -> Entry:
    return Entry("100644", "0" * 40, size, path)


def test_the_two_folders_may_change() -> None:
    assert tree_rules.outside_problems(TREE | {"content": "040000 x", "theme": "040000 y"}, [TREE]) == []


@pytest.mark.parametrize("change", [{"Makefile": "100644 x"}, {"api": "040000 x"}, {"deploy": "040000 x"}])
def test_anything_else_may_not(change: dict[str, str]) -> None:
    (problem,) = tree_rules.outside_problems(TREE | change, [TREE])
    assert problem.startswith(f"{next(iter(change))}: ")


def test_nothing_else_may_be_taken_away() -> None:
    without = {name: entry for name, entry in TREE.items() if name != "api"}
    assert len(tree_rules.outside_problems(without, [TREE])) == 1


def test_what_is_installed_may_be_pushed_though_it_was_not_there_before() -> None:
    installed = TREE | {"api": "040000 newer"}
    assert tree_rules.outside_problems(installed, [TREE, installed]) == []


def test_the_first_push_says_how_it_looks_outside() -> None:
    assert tree_rules.outside_problems(TREE, []) == []


@pytest.mark.parametrize(
    "entry",
    [
        Entry("120000", "0" * 40, 9, "content/link.md"),
        Entry("160000", "0" * 40, 0, "content/module"),
        plain("content/.gitattributes"),
        plain("theme/.gitmodules"),
        plain("content/a\x1b[2J.md"),
        plain("content/../../etc/x"),
        plain("content/a\\b.md"),
        plain("content/" + "x" * 500),
        plain("content/" + "x/" * 30 + "y"),
        plain("content/big.bin", size=100_000_001),
    ],
    ids=lambda entry: entry.path[:30],
)
def test_a_file_that_could_do_harm_is_refused_with_its_path(entry: Entry) -> None:
    found = tree_rules.problems([plain("content/site.toml"), entry])
    assert found and all(line.startswith("content/") or line.startswith("theme/") for line in found)
    assert not any(character in "".join(found) for character in "\x1b\x00")


def test_plain_files_are_taken() -> None:
    assert tree_rules.problems([plain("content/site.toml"), plain("content/posts/ä b.md"), plain("theme/x.css")]) == []


def test_a_long_list_of_problems_is_cut_short() -> None:
    found = tree_rules.problems(Entry("120000", "0" * 40, 9, f"content/{n}") for n in range(200))
    assert found[-1] == "and 150 more."


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With a commit that holds odd attributes and names; the tests run in it."""
    monkeypatch.chdir(tmp_path)
    for path, text in {
        "content/site.toml": "[site]\n",
        "content/posts/hello world.md": "$Id$ héllo\n",
        "theme/.gitattributes": "* ident export-ignore filter=lfs eol=crlf\n",
        "theme/page.html": "$Id$\n",
        "deploy/secret": "x",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], [*who, "commit", "-q", "-m", "one"]):
        subprocess.run(["git", *words], check=True)
    return tmp_path


def test_a_commit_comes_out_as_it_went_in_whatever_its_attributes_say(repository: Path) -> None:
    entries = pushed_tree.entries("main")
    target = io.BytesIO()
    pushed_tree.write_tar(entries, target)
    target.seek(0)
    with tarfile.open(fileobj=target) as archive:
        found = {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]
    names = ("content/site.toml", "content/posts/hello world.md", "theme/.gitattributes", "theme/page.html")
    assert found == {name: (repository / name).read_bytes() for name in names}


def test_a_top_folder_that_is_none_is_told(repository: Path) -> None:
    subprocess.run(["git", "rm", "-rqf", "theme"], check=True)
    (repository / "theme").symlink_to("/etc")
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "add", "-A"], check=True)
    subprocess.run(["git", *who, "commit", "-qm", "two"], check=True)
    with pytest.raises(DeployError, match="theme: this is no folder"):
        pushed_tree.entries("main")


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "bash",
        "git-receive-pack",
        "git-receive-pack /etc",
        "git-receive-pack '/srv/longwave/../../root/x.git'",
        "git-receive-pack site.git; id",
        "git-receive-pack site.git --upload-pack=x",
        "git-upload-archive site.git",
        "longwave-media --help",
        "longwave-artefact",
        "'unclosed",
    ],
)
def test_an_editors_key_can_do_nothing_else(asked: str) -> None:
    with pytest.raises(DeployError, match="This key opens no shell"):
        shell.words(asked, artefacts=False, push_mb=64)


def test_an_editors_key_can_push_to_the_one_repository() -> None:
    words = shell.words("git-receive-pack '/srv/longwave/site.git'", artefacts=False, push_mb=64)
    assert words[0] == "git" and words[-2:] == ["receive-pack", "/srv/longwave/site.git"]
    assert "receive.maxInputSize=64000000" in words


@pytest.mark.parametrize("asked", ["git-receive-pack site.git", "git-upload-pack site.git"])
def test_the_key_of_a_ci_job_can_send_and_not_push(asked: str) -> None:
    assert shell.words("longwave-artefact", artefacts=True, push_mb=64)[-1] == "take-artefact"
    with pytest.raises(DeployError):
        shell.words(asked, artefacts=True, push_mb=64)
