"""What ./dev and setup/install say on machines that are not as they should be.

SPDX-License-Identifier: Apache-2.0
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = (
    "bash cat cut dirname flock grep mkdir realpath rm sed sha256sum tail tr wc env"
).split()


class Machine:
    """A copy of setup/ and a PATH on which only what a test puts there is found."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "checkout"
        self.programs = folder / "programs"
        self.programs.mkdir()
        shutil.copytree(ROOT / "setup", self.checkout / "setup")
        for tool in TOOLS:
            (self.programs / tool).symlink_to(shutil.which(tool) or tool)
        self.says("id", "echo 1000")

    def says(self, program: str, script: str) -> None:
        path = self.programs / program
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def install(self, level: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.checkout / "setup" / "install", level],
            env={"PATH": str(self.programs), "HOME": os.environ.get("HOME", "/")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def is_debian_with(self, *packages: str) -> None:
        lines = "".join(f"installed {package}\\n" for package in packages)
        self.says("dpkg-query", f"printf '{lines}'")
        self.says("apt-get", "echo no network; exit 100")

    def has_python_packages(self, level: str) -> None:
        """As if the lists of this level had been installed."""
        (self.checkout / ".venv").mkdir()
        stamp = subprocess.run(
            "cat setup/python-demo.txt "
            + ("setup/python-test.txt " if level == "test" else "")
            + "setup/python-alone.txt setup/python-pinned.txt"
            " <(/usr/bin/python3 --version) | sha256sum",
            shell=True,
            executable="/bin/bash",
            cwd=self.checkout,
            capture_output=True,
            text=True,
            check=True,
        )
        (self.checkout / ".venv" / f"has-{level}").write_text(stamp.stdout)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def listed(name: str) -> list[str]:
    lines = (ROOT / "setup" / name).read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_without_root_and_sudo_it_says_what_an_administrator_should_run(machine):
    machine.is_debian_with(*[p for p in listed("debian-demo.txt") if p != "cmake"])
    done = machine.install("demo")
    assert done.returncode == 1
    assert done.stderr == (
        "dev: packages are missing, and neither root nor sudo is at hand: ask an "
        "administrator to run 'apt-get install --no-install-recommends cmake'\n"
    )


def test_a_sudo_that_wants_a_password_without_a_terminal_is_no_sudo(machine):
    machine.is_debian_with(*listed("debian-demo.txt"))
    machine.says("sudo", "exit 1")
    done = machine.install("test")
    assert done.returncode == 1
    assert "neither root nor sudo is at hand" in done.stderr
    assert "g++" in done.stderr and "cmake" not in done.stderr


def test_a_failing_stage_shows_its_last_lines_and_its_log(machine):
    machine.is_debian_with()
    machine.says("id", "echo 0")
    done = machine.install("demo")
    assert done.returncode == 100
    packages = len(listed("debian-demo.txt"))
    assert done.stdout.startswith(f"Installing {packages} Debian packages ... failed")
    assert done.stderr == (
        "    no network\n"
        f"dev: 'Installing {packages} Debian packages' failed (status 100); everything "
        "it said: .setup/log/debian.log\n"
    )


def test_nothing_is_said_or_done_when_everything_is_there(machine):
    machine.is_debian_with(*listed("debian-demo.txt"))
    machine.has_python_packages("demo")
    done = machine.install("demo")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_is_there_for_the_tests_is_enough_for_the_demo(machine):
    machine.is_debian_with(*listed("debian-demo.txt"))
    machine.has_python_packages("test")
    assert machine.install("demo").stdout == ""


def test_another_list_is_installed_again(machine):
    machine.is_debian_with(*listed("debian-demo.txt"))
    machine.has_python_packages("demo")
    with (machine.checkout / "setup" / "python-demo.txt").open("a") as file:
        file.write("no-such-package==1\n")
    (machine.checkout / ".venv" / "bin").mkdir()
    (machine.checkout / ".venv" / "made-by").write_text(
        subprocess.check_output(["/usr/bin/python3", "--version"], text=True)
    )
    pip = machine.checkout / ".venv" / "bin" / "python"
    pip.write_text('#!/bin/sh\necho "pip: $*"\nexit 3\n')
    pip.chmod(0o755)
    done = machine.install("demo")
    assert done.returncode == 3
    assert "-c setup/python-pinned.txt -r setup/python-demo.txt\n" in done.stderr


def test_another_system_goes_on_with_what_is_installed(machine):
    for program in "gcc", "cmake", "ninja", "pkg-config", "protoc-c":
        machine.says(program, "exit 0")
    machine.has_python_packages("demo")
    done = machine.install("demo")
    assert done.returncode == 0
    assert done.stderr == ("dev: this is not Debian: going on with what is installed\n")


def test_another_system_is_told_what_it_lacks(machine):
    for program in "gcc", "cmake", "pkg-config":
        machine.says(program, "exit 0")
    done = machine.install("demo")
    assert done.returncode == 1
    assert done.stderr.endswith(
        "dev: not found: ninja protoc-c; install what corresponds to the Debian "
        "packages in setup/debian-demo.txt\n"
    )


def test_a_level_that_does_not_exist_is_refused(machine):
    done = machine.install("all")
    assert done.returncode == 2
    assert done.stderr == "setup/install: say 'demo' or 'test', not 'all'\n"


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["tset"], "dev: no command 'tset'; './dev help' lists them\n"),
        (["exec"], "dev: exec what? './dev exec tutti --help' for example\n"),
    ],
)
def test_a_wrong_call_of_dev_says_how_it_is_called(arguments, sentence):
    done = subprocess.run([ROOT / "dev", *arguments], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (2, sentence)


def test_exec_runs_in_the_folder_of_the_caller_with_our_paths(tmp_path):
    command = [
        ROOT / "dev",
        "exec",
        "sh",
        "-c",
        'pwd; echo "$PATH"; echo "$PYTHONPATH"',
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    folder, path, python_path = done.stdout.splitlines()
    assert folder == str(tmp_path)
    assert path.startswith(f"{ROOT}/build/bin:{ROOT}/.venv/bin:")
    assert python_path.split(":")[0] == f"{ROOT}/python"
