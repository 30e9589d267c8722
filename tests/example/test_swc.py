"""A broken morphology is refused with one sentence that says where and why.

SPDX-License-Identifier: Apache-2.0
"""

import subprocess
import sys
from pathlib import Path

import pytest
import swc
from variants import EXAMPLE

SOMA = "1 1 0 0 0 5 -1\n"
BAD = {
    "2 3 0 5 0 1\n": "line 2: 6 columns, a row has 7: id type x y z radius parent",
    "2 3 0 5 0 1 9\n": "line 2: parent 9 does not exist above; a row follows its "
    "parent, and the first one has parent -1",
    "# a comment\n2 3 0 up 0 1 1\n": "line 3: y 'up' is no number",
    "2 3 0 5 0 nan 1\n": "line 2: radius 'nan' is no number",
    "2.5 3 0 5 0 1 1\n": "line 2: id '2.5' is no whole number",
    "2 3 0 5 0 0 1\n": "line 2: radius 0 must be above 0",
    "1 3 0 5 0 1 1\n": "line 2: id 1 has been used before",
    "2 3 0 5 0 1 -1\n": "line 2: a second root (parent -1); a cell is one tree",
}


@pytest.mark.parametrize("rows, sentence", BAD.items())
def test_a_bad_row_is_named_with_its_line(
    rows: str, sentence: str, tmp_path: Path
) -> None:
    path = tmp_path / "bad.swc"
    path.write_text(SOMA + rows)
    with pytest.raises(swc.BadMorphology) as failure:
        swc.read(path)
    assert str(failure.value) == f"{path}, {sentence}"


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("", "the first row must be the soma (type 1)"),
        ("1 3 0 0 0 5 -1\n", "the first row must be the soma (type 1)"),
        (SOMA, "no dendrite (rows of type 3 or 4)"),
    ],
)
def test_a_file_without_soma_or_dendrite_is_refused(
    text: str, sentence: str, tmp_path: Path
) -> None:
    path = tmp_path / "bad.swc"
    path.write_text(text)
    with pytest.raises(swc.BadMorphology) as failure:
        swc.read(path)
    assert str(failure.value) == f"{path}: {sentence}"


def test_a_missing_package_is_named_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(swc, "find_spec", lambda name: None)
    with pytest.raises(swc.BadMorphology) as failure:
        swc.real_cell()
    assert str(failure.value) == (
        "the default morphology comes with the package bmtk, which is not installed: "
        "pip install --no-deps bmtk==1.2.0, or name a file with --swc"
    )


@pytest.mark.parametrize("rows", list(BAD)[:3])
def test_the_cell_ends_with_the_sentence_before_it_joins(
    rows: str, tmp_path: Path
) -> None:
    (tmp_path / "bad.swc").write_text(SOMA + rows)
    assert message_of_cell(tmp_path, "bad.swc") == f"cell.py: bad.swc, {BAD[rows]}\n"


def test_the_cell_ends_with_the_name_of_a_missing_file(tmp_path: Path) -> None:
    assert message_of_cell(tmp_path, "no.swc") == (
        "cell.py: no.swc: No such file or directory; name an SWC file with --swc\n"
    )


def message_of_cell(folder: Path, path: str) -> str:
    answer = subprocess.run(
        [sys.executable, str(EXAMPLE / "cell.py"), "--swc", path],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 1
    assert answer.stdout == ""
    return answer.stderr


def test_the_real_cell_is_a_whole_tree() -> None:
    morphology = swc.read(swc.real_cell())
    assert len(morphology.kind) == 3783
    assert morphology.parent[0] == -1
    assert (morphology.parent[1:] >= 0).all()
    assert (morphology.parent < range(len(morphology.parent))).all()
