"""installed_test.py BUILD FOLDER: installs BUILD below FOLDER, moves it, and uses it as a
stranger does: no path of the checkout is known to the programs that are built and run.

SPDX-License-Identifier: Apache-2.0
"""

import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
BUILD, FOLDER = map(Path, sys.argv[1:3])
PREFIX = FOLDER / "moved"
PLAY = FOLDER / "play"
ENVIRONMENT = {"PATH": f"{PREFIX}/bin:/usr/bin:/bin", "HOME": str(FOLDER)}
PROGRAMS = ("tutti", "tutti-kernel", "tutti-recorder")


def output_of(*command: str | Path, **changes: str) -> str:
    done = subprocess.run(
        command,
        cwd=PLAY,
        env=ENVIRONMENT | changes,
        capture_output=True,
        text=True,
        timeout=100,
    )
    if done.returncode != 0:
        raise AssertionError(f"{command} failed: {done.stdout}{done.stderr}")
    return done.stdout


def install() -> None:
    """Installs under one prefix and moves everything to another one."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    PLAY.mkdir(parents=True)
    output_of("cmake", "--install", BUILD, "--prefix", FOLDER / "installed")
    (FOLDER / "installed").rename(PREFIX)


def build_foreign_programs() -> None:
    """The C program by the CMake package, the C++ program by pkg-config."""
    made = FOLDER / "foreign_c"
    output_of(
        "cmake", "-S", HERE / "foreign_c", "-B", made, f"-DCMAKE_PREFIX_PATH={PREFIX}"
    )
    output_of("cmake", "--build", made)
    shutil.copy(made / "ping", PLAY)
    place = {"PKG_CONFIG_PATH": f"{PREFIX}/lib/pkgconfig"}
    flags = output_of("pkg-config", "--cflags", "--libs", "tutti", **place).split()
    pong = HERE / "foreign_cpp" / "pong.cpp"
    warnings = ("-Wall", "-Wextra", "-Wpedantic", "-Werror")
    output_of("c++", *warnings, pong, "-o", "pong", *flags)


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        install()
        build_foreign_programs()

    def test_foreign_programs_run_in_an_experiment_of_the_installed_tutti(self) -> None:
        for name in ("experiment.yaml", "network.yaml"):
            shutil.copy(HERE / name, PLAY)
        said = output_of(
            "tutti",
            "run",
            "--out",
            "run",
            "experiment.yaml",
            LD_LIBRARY_PATH=f"{PREFIX}/lib",
        )
        logs = {p.stem: p.read_text().strip() for p in (PLAY / "run").glob("*.log")}
        windows, answers = map(int, re.findall(r"\d+", logs["ping"]))
        # There and back takes 4.5 ms, and a window of ping lasts 2 ms at most.
        self.assertGreaterEqual(windows, 50)
        self.assertTrue(windows - 5 <= answers < windows, logs["ping"])
        self.assertRegex(logs["pong"], r"^at last 1\.0\d+ V$")
        counts = dict(re.findall(r"(\S+): (\d+) spikes", said))
        self.assertEqual(counts["ping.out"], str(windows))
        self.assertGreater(int(counts["pong.out"]), answers - 1)
        self.assertGreater(int(counts["network.E"]), 0)
        self.assertTrue((PLAY / "run" / "recording.h5").is_file())

    def test_the_library_links_and_exports_what_it_may(self) -> None:
        library = PREFIX / "lib" / "libtutti.so"
        rule = ROOT / "tests" / "rules" / "library.py"
        self.assertIn("0 violations", output_of(sys.executable, rule, library))

    def test_the_name_of_the_library_changes_with_what_it_promises(self) -> None:
        version = output_of("tutti", "--version").split()[1]
        name = "libtutti.so." + ".".join(version.split(".")[:2])
        library = PREFIX / "lib" / "libtutti.so"
        self.assertEqual(library.resolve().name, f"libtutti.so.{version}")
        self.assertTrue((PREFIX / "lib" / name).is_symlink())
        self.assertIn(f"soname: [{name}]", output_of("readelf", "-d", library))

    def test_nothing_is_looked_up_in_the_build_folder(self) -> None:
        for place in ["lib/libtutti.so", *(f"bin/{name}" for name in PROGRAMS)]:
            said = output_of("readelf", "-d", PREFIX / place)
            self.assertNotIn(str(BUILD), said, place)
        for place in ("pkgconfig/tutti.pc", "cmake/Tutti/TuttiConfig.cmake"):
            said = (PREFIX / "lib" / place).read_text()
            self.assertNotIn(str(FOLDER), said, place)
            self.assertNotIn(str(ROOT), said, place)

    def test_every_public_header_is_there(self) -> None:
        def names(root: Path) -> set[str]:
            return {path.name for path in (root / "include" / "tutti").iterdir()}

        self.assertEqual(names(PREFIX), names(ROOT))

    def test_a_manual_page_has_every_option_of_its_program(self) -> None:
        for name in PROGRAMS:
            page = (PREFIX / "share" / "man" / "man1" / f"{name}.1").read_text()
            page = page.replace("\\-", "-")
            said = output_of(name, "--help")
            commands = re.findall(r"^  ([a-z][a-z-]*) {2,}\S", said, re.MULTILINE)
            said += "".join(output_of(name, command, "--help") for command in commands)
            options = set(re.findall(r"--[a-z]+", said))
            self.assertGreater(len(options), 2)
            for word in options | set(commands):
                self.assertIn(word, page, name)

    def test_the_licences_come_along(self) -> None:
        licences = {p.name for p in (PREFIX / "share/licenses/tutti").iterdir()}
        self.assertEqual(
            licences, {"LICENSE", "Apache-2.0.txt", "GPL-3.0-or-later.txt"}
        )


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
