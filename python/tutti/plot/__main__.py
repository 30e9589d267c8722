"""python3 -m tutti.plot RUN_FOLDER [--from MS] [--to MS]

Leaves recording.png and recording.pdf beside the recording and says so.
SPDX-License-Identifier: Apache-2.0
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python3 -m tutti.plot",
        description="Draws raster, rates, signals and irregularity of a recorded run "
        "into recording.png and recording.pdf in its folder.",
    )
    parser.add_argument("run", type=Path, help="folder of the run, or its recording.h5")
    parser.add_argument("--from", dest="begin", type=float, default=0.0, metavar="MS")
    parser.add_argument("--to", dest="end", type=float, metavar="MS")
    return parser.parse_args()


def main() -> str | None:
    """A sentence about what went wrong, or None."""
    arguments = parse()
    try:
        from .figure import draw
        from .recording import Unreadable, read
    except ImportError as error:
        return f"{error}; drawing needs `pip install h5py matplotlib`"
    try:
        recording = read(arguments.run)
    except Unreadable as unreadable:
        return str(unreadable)
    end = recording.end if arguments.end is None else arguments.end
    if not 0 <= arguments.begin < end <= recording.end:
        return (
            f"--from {arguments.begin:g} --to {end:g} is no part of the run, which is "
            f"recorded from 0 to {recording.end:g} ms"
        )
    if not recording.spikes and not recording.signals:
        return f"'{arguments.run}' has neither spikes nor signals"
    figure = draw(recording, arguments.begin, end)
    folder = arguments.run if arguments.run.is_dir() else arguments.run.parent
    for kind in ("png", "pdf"):
        figure.savefig(folder / f"recording.{kind}")
    print(f"drawn: {folder / 'recording.png'} and .pdf")
    return None


if __name__ == "__main__":
    sys.exit(main())
