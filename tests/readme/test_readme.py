"""What the README shows is run.

SPDX-License-Identifier: Apache-2.0
"""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_the_smallest_coupling_runs_as_it_stands(tmp_path: Path) -> None:
    blocks = re.findall(r"```(?:python|yaml)\n# (\S+)\n(.*?)```", README, re.DOTALL)
    assert [name for name, _ in blocks] == [
        "echo.py",
        "network.yaml",
        "experiment.yaml",
    ]
    for name, text in blocks:
        (tmp_path / name).write_text(text)
    commands = re.findall(r"^\./dev exec (tutti .*?)  +#", README, re.MULTILINE)
    assert [command.split()[1] for command in commands] == ["check", "run"]
    for command in commands:
        done = subprocess.run(
            command.split(), cwd=tmp_path, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
    counts = dict(re.findall(r"(\S+): ([\d,]+) spikes", done.stdout))
    assert int(counts["network.E"].replace(",", "")) > 100
    assert int(counts["echo.answer"].replace(",", "")) > 0


def test_all_links_lead_somewhere() -> None:
    for page in [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *ROOT.glob("docs/**/*.md"),
    ]:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page}: {link}"
