"""A notebook runs each cell inside of an event loop, and lives on after Ctrl-C.

SPDX-License-Identifier: Apache-2.0
"""

import json
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from experiments import broker_for, play, write

# What stands here runs as a cell does: by a coroutine, in the main thread. say_when() says
# when a call waits: from then on Ctrl-C meets the call.
NOTEBOOK = """
import asyncio, threading

def say_when(name):
    def watch():
        while name not in [t.name for t in threading.enumerate() if t.ident]:
            pass
        print("waiting", flush=True)
    threading.Thread(target=watch, daemon=True).start()

async def cell():
{cell}

asyncio.new_event_loop().run_until_complete(cell())
"""


def notebook(cell: str) -> str:
    lines = ["    " + line for line in cell.splitlines()]
    return NOTEBOOK.format(cell="\n".join(lines))


@contextmanager
def running(program: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", "import sys, tutti\n" + program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as started:
        try:
            yield started
        finally:
            started.kill()


def said(program: subprocess.Popen[str]) -> str:
    assert program.stdout is not None
    return program.stdout.readline().strip()


def test_a_cell_plays_a_whole_run_while_a_loop_is_running(tmp_path: Path) -> None:
    cell = """
import json
me = tutti.join(step="1 ms")
out = me.spike_output("out")
heard = me.spike_input("in")
found = []
for window in me:
    found += heard.spikes()[0].tolist()
    out.send(window.begin.ms)
me.leave()
open("found.json", "w").write(json.dumps(found))
"""
    connected = ["from: alone.out, to: alone.in, delay: 2 ms"]
    path = write(tmp_path, {"alone": notebook(cell)}, connected, "10 ms")
    answer = play(path)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    found = json.loads((tmp_path / "found.json").read_text())
    assert found == [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]


INTERRUPTED = """
me = tutti.join("one", step="1 ms", broker="{address}")
out = me.spike_output("out")
try:
    say_when("tutti-start")
    me.start()
except KeyboardInterrupt:
    print("interrupted", flush=True)
try:
    out.send(0)
except tutti.BadCall as failure:
    print(failure, flush=True)
sys.stdin.read()
"""
OTHER = """
try:
    with tutti.join("other", step="1 ms", broker="{address}") as me:
        me.spike_input("in")
        for window in me:
            pass
except tutti.Lost as lost:
    print(lost)
"""


def test_an_interrupted_start_ends_the_participant_and_not_the_notebook(
    tmp_path: Path,
) -> None:
    connected = ["from: one.out, to: other.in, delay: 1 ms"]
    with broker_for(tmp_path, connected) as address:
        cell = INTERRUPTED.format(address=address)
        with running(notebook(cell)) as one:
            assert said(one) == "waiting"
            one.send_signal(signal.SIGINT)
            assert said(one) == "interrupted"
            assert said(one) == "port 'out': its participant has left"
            with running(OTHER.format(address=address)) as other:
                told = said(other)
            assert one.poll() is None
    assert "interrupted (Ctrl-C)" in told


def test_an_interrupted_join_leaves_no_participant_behind(tmp_path: Path) -> None:
    address = f"ipc://@tutti-test-{uuid.uuid4()}"
    cell = f"""
try:
    say_when("tutti-join")
    tutti.join("one", broker="{address}")
except KeyboardInterrupt:
    print("interrupted", flush=True)
sys.stdin.read()
"""
    with running(notebook(cell)) as one:
        assert said(one) == "waiting"
        one.send_signal(signal.SIGINT)
        assert said(one) == "interrupted"
        write(tmp_path, {"one": "", "other": ""}, [], "1 s")
        broker = subprocess.run(
            ["tutti", "broker", "--listen", address, "experiment.yaml"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert one.poll() is None
    assert broker.returncode != 0
    assert "interrupted (Ctrl-C)" in broker.stderr
