"""It fails well: the culprit is named, recordings are readable, nothing is left.

SPDX-License-Identifier: Apache-2.0
"""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import h5py
import pytest

import tutti
from conftest import PARTICIPANT, Bench


def recorded(folder: Path) -> dict[str, list[float]]:
    """The recording of a run, which any HDF5 program must open."""
    with h5py.File(folder / "recording.h5") as file:
        return {
            name: list(group["timestamps"]) for name, group in file["spikes"].items()
        }


def test_a_run_that_goes_well_ends_with_counts_speed_and_place(bench: Bench) -> None:
    ended = bench.run(bench.write())
    assert ended.status == 0, ended.err
    assert "50 ms simulated in " in ended.out
    assert "x real time" in ended.out
    assert "a.out: " in ended.out
    # Those stamped 48 and 49 ms, of both.
    assert "4 events were due after the end and not delivered" in ended.out
    assert f"recording: {ended.folder}/recording.h5" in ended.out
    assert len(recorded(ended.folder)["a.out"]) > 0


def test_who_is_killed_is_named_with_its_time(bench: Bench) -> None:
    ended = bench.run(bench.write(how="kill", at="20"))
    assert ended.status == 1
    assert "participant 'b' was killed by signal 9 (Killed) after " in ended.err
    assert "participant 'b' was killed by signal 9" in ended.log("a")
    times = recorded(ended.folder)["a.out"]
    assert times and max(times) <= 25


def test_the_death_of_a_participant_ends_the_others_within_2_s(bench: Bench) -> None:
    job = bench.start_run(bench.write(duration="1000 s", how="tell", at="20"))
    bench.await_told(job)
    pid = int(
        subprocess.run(
            ["pgrep", "--parent", str(job.pid), "--newest", "--full", "participant.py"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )
    os.kill(pid, signal.SIGKILL)
    begin = time.monotonic()
    ended = bench.end(job)
    assert time.monotonic() - begin < 10  # 2 s, were the machine ours alone
    assert ended.status == 1
    assert "was killed by signal 9 (Killed) after " in ended.err


def test_an_exception_is_told_to_all(bench: Bench) -> None:
    ended = bench.run(bench.write(how="raise"))
    assert ended.status == 1
    sentence = "participant 'b' gave up: ValueError: the electrode fell off"
    assert sentence in ended.err
    assert "Traceback" in ended.err  # its last lines
    assert f"all in {ended.folder}/b.log" in ended.err
    assert sentence in ended.log("a")


def test_an_exit_status_is_told_with_the_last_lines(bench: Bench) -> None:
    ended = bench.run(bench.write(how="exit"))
    assert ended.status == 1
    assert "participant 'b' ended with exit status 3 after " in ended.err
    assert "    I have had enough" in ended.err


def test_who_ends_before_the_start_is_named(bench: Bench) -> None:
    ended = bench.run(bench.write(how="before"))
    assert ended.status == 1
    assert "participant 'b' ended with exit status 4 before the start" in ended.err


def test_a_program_that_does_not_join_is_named(bench: Bench) -> None:
    ended = bench.run(bench.write(command="echo hello"))
    assert ended.status == 1
    assert "participant 'b' ended with exit status 0 before it joined" in ended.err
    assert "    hello" in ended.err


def test_a_program_that_waits_for_ever_is_named_after_start_timeout(
    bench: Bench,
) -> None:
    path = bench.write(command="sleep 1000", extra="start_timeout: 1 s\n")
    ended = bench.run(path)
    assert ended.status == 1
    assert "not all were ready within start_timeout (1 s): " in ended.err
    assert "'b' has not joined" in ended.err


def test_a_program_that_is_not_there_is_named(bench: Bench) -> None:
    ended = bench.run(bench.write(command="no-such-program"))
    assert ended.status == 1
    assert (
        "'b' cannot be started: no-such-program: No such file or directory" in ended.err
    )


def test_a_wrong_width_is_refused_with_the_place(bench: Bench) -> None:
    ended = bench.run(bench.write(width="9"))
    assert ended.status == 1
    assert "experiment.yaml:7:" in ended.err
    assert "width" in ended.err


def test_a_silence_is_explained_and_ended_after_patience(bench: Bench) -> None:
    ended = bench.run(bench.write(how="stop", at="25", extra="patience: 3 s\n"))
    assert ended.status == 1
    assert "nothing has advanced for 2 s: " in ended.err
    assert "for 'b' (connection b.out -> a.in)" in ended.err
    assert "nothing has advanced for longer than patience (3 s): " in ended.err
    assert recorded(ended.folder)["a.out"]


def test_ctrl_c_ends_in_order(bench: Bench) -> None:
    job = bench.start_run(bench.write(duration="1000 s", how="tell", at="100"))
    bench.await_told(job)
    os.kill(job.pid, signal.SIGINT)
    ended = bench.end(job)
    assert ended.status == 128 + signal.SIGINT
    assert "stopped by the user (Interrupt)" in ended.err
    assert "stopped by the user (Interrupt)" in ended.log("a")
    assert recorded(ended.folder)["a.out"]


def test_children_end_with_a_launcher_that_is_killed(bench: Bench) -> None:
    job = bench.start_run(bench.write(duration="1000 s", how="tell"))
    bench.await_told(job)
    os.kill(job.pid, signal.SIGKILL)
    job.communicate()
    # That nobody is left is the fixture's last check.


def test_a_recorder_that_is_killed_leaves_a_readable_recording(bench: Bench) -> None:
    job = bench.start_run(bench.write(duration="1000 s", how="tell", at="100"))
    bench.await_told(job)
    subprocess.run(
        ["pkill", "-KILL", "--parent", str(job.pid), "--full", "tutti-recorder"],
        check=True,
    )
    ended = bench.end(job)
    assert ended.status == 1
    assert "participant 'recorder' was killed by signal 9 (Killed)" in ended.err
    assert recorded(ended.folder)["a.out"]


def test_a_full_disk_is_named_and_the_recording_is_readable(bench: Bench) -> None:
    path = bench.write(duration="100 s")
    # SIGXFSZ stays ignored, as in the programs of a user whose quota is used up.
    limited = (
        "import os, resource, signal, sys;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, 700_000));"
        "os.execvp(sys.argv[1], sys.argv[1:])"
    )
    out = str(bench.run_folder())
    words = ["tutti", "run", str(path), "--out", out]
    ended = bench.end(bench.start(sys.executable, "-c", limited, *words))
    assert ended.status == 1
    assert "participant 'recorder' gave up: " in ended.err
    assert "recording.h5" in ended.err
    assert recorded(ended.folder)["a.out"]


def test_who_joins_twice_is_refused_and_the_run_goes_on(bench: Bench) -> None:
    path = bench.write(duration="200 ms", how="tell", hold=True, extra="link: tcp\n")
    job = bench.start_run(path, "--listen", f"tcp://127.0.0.1:{free_port()}")
    bench.await_told(job)
    environment = dict(os.environ, TUTTI_BROKER=job.args[-1], TUTTI_NAME="b")
    second = bench.start(sys.executable, str(PARTICIPANT), env=environment)
    refused = bench.end(second)
    assert refused.status == 1
    assert "participant 'b' has joined already, as process " in refused.err
    bench.let_go()
    ended = bench.end(job)
    assert ended.status == 0, ended.err
    assert "participant 'b' has joined already, as process " in ended.err


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def field(number: int, value: bytes | int | str) -> bytes:
    """One field of a protobuf message."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    text = value.encode() if isinstance(value, str) else value
    return bytes([number << 3 | 2, len(text)]) + text


@pytest.mark.parametrize("name", ["b", "nobody"])
def test_another_protocol_is_refused_with_both_versions(
    bench: Bench, name: str
) -> None:
    zmq = pytest.importorskip("zmq")
    path = bench.write(duration="200 ms", how="tell", hold=True, extra="link: tcp\n")
    job = bench.start_run(path, "--listen", f"tcp://127.0.0.1:{free_port()}")
    bench.await_told(job)
    join = field(1, 99) + field(2, "9.9") + field(3, name) + field(4, "h")
    join += field(5, 1) + field(6, "tcp://127.0.0.1:1")
    with zmq.Context() as context, context.socket(zmq.DEALER) as line:
        line.linger = 0
        line.connect(job.args[-1])
        line.send(field(1, join))
        answer = b""
        while b"protocol" not in answer and line.poll(10_000):
            answer = line.recv()
    sentence = (
        f"participant '{name}' speaks protocol 99 (Tutti 9.9), this broker speaks 1 "
        f"(Tutti {tutti.__version__}): install the same version of Tutti for both"
    )
    assert sentence.encode() in answer
    bench.let_go()
    ended = bench.end(job)
    assert ended.status == 0, ended.err
    assert sentence in ended.err


def test_noise_on_the_port_of_the_broker_disturbs_nobody(bench: Bench) -> None:
    path = bench.write(duration="200 ms", how="tell", hold=True, extra="link: tcp\n")
    port = free_port()
    job = bench.start_run(path, "--listen", f"tcp://127.0.0.1:{port}")
    bench.await_told(job)
    for noise in (b"\x01\x00\x06\x00hello", bytes(range(256)) * 16):
        with socket.create_connection(("127.0.0.1", port)) as stranger:
            stranger.sendall(noise)
    bench.let_go()
    ended = bench.end(job)
    assert ended.status == 0, ended.err


def test_participants_started_by_hand_in_any_order(bench: Bench) -> None:
    path = bench.write(record="[]")
    address = f"tcp://127.0.0.1:{free_port()}"
    hands = []
    for name in ("b", "a"):
        environment = dict(os.environ, TUTTI_BROKER=address, TUTTI_NAME=name)
        hands.append(bench.start(sys.executable, str(PARTICIPANT), env=environment))
    out = str(bench.run_folder())
    broker = bench.start(
        "tutti", "broker", str(path), "--listen", address, "--out", out
    )
    for job in (*hands, broker):
        ended = bench.end(job)
        assert ended.status == 0, ended.err
    assert f"start 'a' with: TUTTI_BROKER={address} TUTTI_NAME=a" in ended.err
    assert "50 ms simulated in " in ended.out


def test_a_broker_that_is_killed_is_named_by_participants_of_hand(bench: Bench) -> None:
    path = bench.write(duration="1000 s", record="[]", how="tell")
    address = f"tcp://127.0.0.1:{free_port()}"
    out = str(bench.run_folder())
    broker = bench.start(
        "tutti", "broker", str(path), "--listen", address, "--out", out
    )
    log = (bench.folder / "b.err").open("w")
    hands = [
        subprocess.Popen(
            [sys.executable, str(PARTICIPANT)],
            env=dict(os.environ, TUTTI_BROKER=address, TUTTI_NAME=name),
            stderr=log,
        )
        for name in ("a", "b")
    ]
    bench.jobs += hands
    bench.await_told(broker)
    os.kill(broker.pid, signal.SIGKILL)
    for job in hands:
        assert job.wait(timeout=20) == 1
    assert "the broker is gone" in (bench.folder / "b.err").read_text()
