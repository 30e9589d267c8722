"""Runs `tutti check experiment.yaml` inside a folder of tests/wrong and compares what it
prints on standard error with the file `message`, to the letter.

SPDX-License-Identifier: Apache-2.0
"""

import difflib
import subprocess
import sys
from pathlib import Path


def main() -> None:
    program, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    expected = (folder / "message").read_text()
    run = subprocess.run(
        [program, "check", "experiment.yaml"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    if run.returncode == 0:
        sys.exit(f"{folder.name}: 'tutti check' finds nothing wrong with it")
    if run.returncode < 0:
        sys.exit(f"{folder.name}: 'tutti check' died of signal {-run.returncode}")
    if run.stderr != expected:
        difference = difflib.unified_diff(
            expected.splitlines(),
            run.stderr.splitlines(),
            "message",
            "printed",
            lineterm="",
        )
        sys.exit("\n".join([f"{folder.name}: another message", *difference]))


if __name__ == "__main__":
    main()
