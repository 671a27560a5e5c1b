"""Files that take the place of others: the old ones are let go of, and nobody waits for that."""

from pathlib import Path

from generator.write.replacing import HELD_MAX, replace


def test_what_is_replaced_is_not_held_for_ever(tmp_path: Path) -> None:
    held_before = len(list(Path("/proc/self/fd").iterdir()))
    target, new = tmp_path / "page.html", tmp_path / "new"
    for n in range(4 * HELD_MAX):
        new.write_text(f"edition {n}")
        replace(str(new), str(target))
    assert target.read_text() == f"edition {4 * HELD_MAX - 1}"
    assert len(list(Path("/proc/self/fd").iterdir())) <= held_before + HELD_MAX + 2


def test_a_new_file_takes_its_place_as_well(tmp_path: Path) -> None:
    (tmp_path / "new").write_text("first edition")
    replace(str(tmp_path / "new"), str(tmp_path / "page.html"))
    assert (tmp_path / "page.html").read_text() == "first edition"
