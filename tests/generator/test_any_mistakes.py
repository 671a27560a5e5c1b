"""Whatever stands in a source, `check` answers with problems and their places: it never fails itself."""

import contextlib
import io
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from generator.cli import main
from tests.generator.broken_sites import CASES

SHORT, LONG = 60, 3000
SOUND = CASES / "sound"
SOURCES = sorted(path.relative_to(SOUND) for path in SOUND.rglob("*") if path.is_file())
AWKWARD = [
    *(b"", b"null", b"[]", b"{}", b"- 1", b'"', b": ", b"\t", b"\0", b"\xff", b"&a", b"*a", b"!!python/name:os.system"),
    *(b"---\n", b"1e999", b"-1", b"9" * 23, b"true", b"2024-02-30", b".nan", b"inf", b"0x10", b"12:60", b"\r", b"\x85"),
    *(
        b"</script>",
        b"<svg/onload=alert(1)>",
        b"]]>",
        b"${x}",
        b"{{ x }}",
        b"../../etc/passwd",
        b"http://[::1",
        b"[x](",
    ),
]
CHANGES = st.tuples(st.sampled_from(SOURCES), st.integers(0, 30), st.sampled_from(AWKWARD), st.sampled_from("vib"))


def test_any_change_of_a_source_is_answered_with_problems_at_their_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prove: bool
) -> None:
    monkeypatch.chdir(tmp_path)

    @settings(
        max_examples=LONG if prove else SHORT,
        deadline=None,
        derandomize=not prove,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink] if prove else [Phase.generate],
    )
    @given(st.lists(CHANGES, min_size=1, max_size=2))
    def holds(changes: list[tuple[Path, int, bytes, str]]) -> None:
        shutil.rmtree("content", ignore_errors=True)
        shutil.copytree(SOUND, "content")
        for source, line, awkward, how in changes:
            path = "content" / source
            path.write_bytes(changed(path.read_bytes(), line, awkward=awkward, how=how))
        code, said = check()
        assert code in (0, 1)
        assert (code == 1) == bool(said)
        assert [line for line in said if not re.match(r"content/\S.*?:\d+: \S", line)] == []

    holds()


def changed(content: bytes, line: int, *, awkward: bytes, how: str) -> bytes:
    """`content` with something awkward as a line's value (v), inserted in it (i), or before everything after it is lost (b)."""
    lines = content.split(b"\n")
    nth = line % len(lines)
    name, sign, _ = re.split(rb"(: | = |$)", lines[nth], maxsplit=1)
    lines[nth] = name + sign + awkward if how == "v" else lines[nth][: line // 2] + awkward + lines[nth][line // 2 :]
    return b"\n".join(lines[: nth + 1] if how == "b" else lines)


def check() -> tuple[object, list[str]]:
    """`longwave check` within this process: its exit code, and its problems without the count of them."""
    with contextlib.redirect_stderr(io.StringIO()) as said, contextlib.redirect_stdout(io.StringIO()):
        try:
            main(["check"], prog_name="longwave")
        except SystemExit as ended:
            code = ended.code
    return code, [line for line in said.getvalue().splitlines() if not line.endswith("Nothing was published.")]
