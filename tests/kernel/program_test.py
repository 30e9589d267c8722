"""program_test.py TUTTI_KERNEL PAGE: the program tutti-kernel as a user meets it.

SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = ""
PAGE = Path()
NETWORK = """
network: n
seed: 1
step: 0.1 ms
populations: {E: {model: iaf_psc_exp, size: 10}}
projections:
  - {name: a, from: E, to: E, rule: all_to_all, weight: 1 pA, delay: 1.5 ms}
"""


def kernel(*words: str) -> subprocess.CompletedProcess[str]:
    """Runs tutti-kernel beside `n.yaml`, without a broker."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "n.yaml").write_text(NETWORK)
        environment = {k: v for k, v in os.environ.items() if k[:6] != "TUTTI_"}
        return subprocess.run(
            [PROGRAM, *words],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )


class Program(unittest.TestCase):
    def refuses(self, words: list[str], message: str, status: int = 1) -> None:
        done = kernel(*words)
        self.assertEqual(done.returncode, status)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr.splitlines()[0], message)
        if status == 1:
            self.assertEqual(len(done.stderr.splitlines()), 1)

    def test_ports_are_json(self) -> None:
        done = kernel("--ports", "n.yaml")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        ports = json.loads(done.stdout)["ports"]
        self.assertEqual(
            [(p["name"], p["direction"], p["width"]) for p in ports], [("E", "out", 10)]
        )

    def test_a_part_has_an_input_for_the_rest(self) -> None:
        done = kernel("n.yaml", "--owns", "E=0:4", "--ports")
        ports = json.loads(done.stdout)["ports"]
        self.assertEqual(
            [(p["direction"], p["own_delay"]) for p in ports],
            [("out", 0), ("in", 1500000)],
        )

    def test_a_missing_file_is_named(self) -> None:
        self.refuses(
            ["--ports", "m.yaml"], "cannot read 'm.yaml': No such file or directory"
        )

    def test_a_wrong_part_is_refused(self) -> None:
        self.refuses(
            ["--owns", "F=0:4", "n.yaml"],
            "owns 'F=0:4': the network has no population 'F'",
        )

    def test_without_a_broker_it_says_how_to_get_one(self) -> None:
        done = kernel("n.yaml")
        self.assertEqual(done.returncode, 1)
        self.assertIn("tutti run", done.stderr)

    def test_the_network_file_is_asked_for(self) -> None:
        self.refuses([], "tutti-kernel: which network file?", status=64)

    def test_two_network_files_are_refused(self) -> None:
        self.refuses(
            ["n.yaml", "m.yaml"],
            "tutti-kernel: one network file is enough: 'm.yaml'",
            status=64,
        )

    def test_help_names_every_option(self) -> None:
        done = kernel("--help")
        for option in ("--owns", "--ports", "--reference"):
            self.assertIn(option, done.stdout)

    def test_the_reference_page_is_current(self) -> None:
        self.assertEqual(
            kernel("--reference").stdout,
            PAGE.read_text(),
            f"write it anew: tutti-kernel --reference > {PAGE}",
        )


if __name__ == "__main__":
    PROGRAM, PAGE = str(Path(sys.argv[1]).resolve()), Path(sys.argv[2])
    unittest.main(argv=sys.argv[:1])
