"""Python programs as participants of real experiments.

SPDX-License-Identifier: Apache-2.0
"""

import json
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from experiments import broker_for, play, write

import tutti

SENDER = """
    with tutti.join("sender", step="0.5 ms") as me:
        out = me.spike_output("out", width=3)
        for window in me:
            begin = window.begin.ns
            out.send_ns([begin, begin + 7], [0, 2])
            out.send(window.begin.ms + 0.25, 1)
"""
RECEIVER = """
    import json
    with tutti.join(step=0.5) as me:
        input = me.spike_input("in", width=5)
        found = []
        for window in me:
            times, indices = input.spikes_ns()
            assert str(times.dtype) == "int64" and str(indices.dtype) == "uint32"
            assert (times >= window.begin.ns).all() and (times < window.end.ns).all()
            assert (input.spikes()[0] == times / 1e6).all()
            found += zip(times.tolist(), indices.tolist())
        assert input.is_connected
    open("found.json", "w").write(json.dumps(found))
"""
CONNECTED = ["from: sender.out, to: 'receiver.in[2:5]', delay: 1.5 ms"]


def test_spikes_arrive_with_exact_times_and_mapped_indices(tmp_path: Path) -> None:
    programs = {"sender": SENDER, "receiver": RECEIVER}
    answer = play(write(tmp_path, programs, CONNECTED, "10 ms"))
    assert answer.returncode == 0, answer.stdout + answer.stderr
    found = json.loads((tmp_path / "found.json").read_text())
    stamps = {(stamp, index) for stamp, index in found}
    assert len(stamps) == len(found) > 0
    assert found == sorted(found)
    begins = {stamp - 1_500_000 for stamp, index in stamps if index == 2}
    assert 0 in begins
    assert stamps == {
        (begin + offset + 1_500_000, index)
        for begin in begins
        for offset, index in ((0, 2), (250_000, 3), (7, 4))
        if begin + offset + 1_500_000 < 10_000_000
    }


def test_a_signal_holds_its_initial_values_and_then_its_samples(
    tmp_path: Path,
) -> None:
    source = """
        with tutti.join("source", step="1 ms") as me:
            v = me.signal_output("v", 2, "mV", initial=[-65, -70], at_step_ends=True)
            for window in me:
                steps = range(window.begin.ns, window.end.ns, 10**6)
                ends = [begin + 10**6 for begin in steps]
                v.write_ns(ends, [[end / 1e6, -end / 1e6] for end in ends])
    """
    reader = """
        import json
        found = []
        with tutti.join("reader", step="1 ms") as me:
            v = me.signal_input("v", 2, "mV")
            for window in me:
                at = window.begin
                while at < window.end:
                    found.append(v.read(at).tolist())
                    at += tutti.Time.of("1 ms")
        open("found.json", "w").write(json.dumps(found))
    """
    connected = ["from: source.v, to: reader.v, delay: 2 ms"]
    programs = {"source": source, "reader": reader}
    answer = play(write(tmp_path, programs, connected, "10 ms"))
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert json.loads((tmp_path / "found.json").read_text()) == [
        *[[-65, -70]] * 3,
        *[[k, -k] for k in range(1, 8)],
    ]


def test_a_program_can_ask_what_the_experiment_sends_it(tmp_path: Path) -> None:
    source = """
        with tutti.join("source", step="1 ms") as me:
            me.spike_output("out", width=3)
            me.signal_output("v", 2, "mV")
            for window in me:
                pass
    """
    reader = """
        with tutti.join("reader", convention=tutti.Convention.UP_TO) as me:
            found = me.sources()
            open("found.txt", "w").write(repr(found))
            for source in found:
                if source.kind == tutti.Kind.SPIKES:
                    me.spike_input(source.input, source.to + source.width)
                else:
                    me.signal_input(source.input, source.width, source.unit)
            for window in me:
                pass
    """
    connected = [
        "from: 'source.out[1:3]', to: 'reader.spikes[4:6]', delay: 0 ms",
        "from: source.v, to: reader.v, delay: 0 ms",
    ]
    programs = {"source": source, "reader": reader}
    answer = play(write(tmp_path, programs, connected, "10 ms"))
    assert answer.returncode == 0, answer.stdout + answer.stderr
    found = [
        tutti.Source("spikes", "source", "out", tutti.Kind.SPIKES, 2, 1, 4, ""),
        tutti.Source("v", "source", "v", tutti.Kind.SIGNAL, 2, 0, 0, "mV"),
    ]
    assert (tmp_path / "found.txt").read_text() == repr(found)


def test_options_name_folder_and_stop_time_are_known_after_join(
    tmp_path: Path,
) -> None:
    alone = """
        import json
        with tutti.join() as me:
            found = [me.name, me.option("place"), me.option("other")]
            found += [me.run_folder, me.stop_time.ms]
            assert list(me) != []
        open("found.json", "w").write(json.dumps(found))
    """
    path = write(tmp_path, {"alone": alone}, [], "10 ms")
    text = path.read_text()
    path.write_text(text.replace("alone.py}", "alone.py, options: {place: tips}}"))
    answer = play(path)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    name, place, other, folder, stop = json.loads((tmp_path / "found.json").read_text())
    assert (name, place, other, stop) == ("alone", "tips", None, 10.0)
    assert Path(folder) == tmp_path / "run"


def test_an_exception_stops_the_run_and_everybody_hears_its_last_line(
    tmp_path: Path,
) -> None:
    sender = SENDER + "            raise ValueError('the electrode\\n fell out')\n"
    receiver = """
        try:
            with tutti.join("receiver") as me:
                input = me.spike_input("in", width=5)
                for window in me:
                    pass
        except tutti.Lost as lost:
            open("found.txt", "w").write(str(lost))
            raise
    """
    programs = {"sender": sender, "receiver": receiver}
    answer = play(write(tmp_path, programs, CONNECTED, "10 ms"))
    assert answer.returncode != 0
    sentence = "ValueError: the electrode fell out"
    assert sentence in (tmp_path / "found.txt").read_text()
    assert sentence in answer.stderr


WRONG = {
    "out.send([1.0, 2.0])": (
        "spike output 'out' has 3 indices: say which of them spiked"
    ),
    "out.send([1.0, 2.0], [1])": (
        "spike output 'out' got 2 stamps and 1 indices: one index for each stamp"
    ),
    "out.send([1.0, 2.0], [-1, 3])": (
        "spike output 'out' has indices 0 to 2, got -1 to 3"
    ),
    "out.send_ns([1.0], [0])": (
        "spike output 'out': send_ns() takes whole nanoseconds; "
        "send() takes milliseconds"
    ),
    "v.write(0, [1.0])": ("signal output 'v' has width 2, got values of shape (1,)"),
    "v.write_ns([0], [1.0, 2.0])": (
        "signal output 'v' got values of shape (2,), must be (1, 2)"
    ),
    "me.spike_input('x', -1)": "port 'x' has width -1, must be at least 1",
    "me.leave() or me.start()": "this participant has left",
    "me.leave() or out.send(1.0, 0)": "port 'out': its participant has left",
}


def test_a_wrong_call_is_refused_in_python(tmp_path: Path) -> None:
    alone = f"""
        import json
        found = {{}}
        me = tutti.join()
        out = me.spike_output("out", width=3)
        v = me.signal_output("v", width=2, unit="mV")
        for call in {list(WRONG)!r}:
            try:
                eval(call)
            except tutti.BadCall as failure:
                found[call] = str(failure)
        open("found.json", "w").write(json.dumps(found))
    """
    play(write(tmp_path, {"alone": alone}, [], "10 ms"))
    assert json.loads((tmp_path / "found.json").read_text()) == WRONG


def interrupted(command: list[str], line: str) -> str:
    """Starts a program, interrupts it once it has printed `line`; what it then says."""
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline().strip() == line
        program.send_signal(signal.SIGINT)
        _, errors = program.communicate(timeout=5)
    assert program.returncode == -signal.SIGINT
    return errors.splitlines()[-1]


def test_control_c_is_heard_while_waiting_for_a_broker() -> None:
    broker = f"ipc://@tutti-test-{uuid.uuid4()}"
    program = (
        "import tutti; print('joining', flush=True); "
        f"tutti.join('cell', broker='{broker}')"
    )
    assert interrupted([sys.executable, "-c", program], "joining") == (
        "KeyboardInterrupt"
    )


def test_control_c_is_heard_while_waiting_for_the_others(tmp_path: Path) -> None:
    with broker_for(tmp_path, []) as address:
        program = f"""if True:
            import tutti
            with tutti.join('one', broker='{address}') as me:
                print('starting', flush=True)
                me.start()
        """
        last = interrupted([sys.executable, "-c", program], "starting")
    assert last == "KeyboardInterrupt"


def test_control_c_is_heard_while_waiting_for_a_window_and_told_to_all(
    tmp_path: Path,
) -> None:
    connected = ["from: other.out, to: one.in, delay: 1 ms"]
    with broker_for(tmp_path, connected) as address:
        program = f"""if True:
            import tutti
            with tutti.join('one', step='1 ms', broker='{address}') as me:
                me.spike_input('in')
                me.start()
                print('waiting', flush=True)
                for window in me:
                    pass
        """
        # It starts, and never ends its first window.
        silent = f"""if True:
            import sys, tutti
            try:
                with tutti.join('other', step='1 ms', broker='{address}') as me:
                    me.spike_output('out')
                    for window in me:
                        sys.stdin.read()
            except tutti.Lost as lost:
                print(lost)
        """
        with subprocess.Popen(
            [sys.executable, "-c", silent],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as other:
            last = interrupted([sys.executable, "-c", program], "waiting")
            told, _ = other.communicate(timeout=10)
    assert last == "KeyboardInterrupt"
    assert "interrupted (Ctrl-C)" in told


def test_the_exceptions_are_named_after_the_statuses() -> None:
    names = {"BadCall", "BadConfig", "Refused", "Lost", "NoMemory", "SystemFailed"}
    assert {kind.__name__ for kind in tutti.Error.__subclasses__()} == names


SPEAKER = """
    with tutti.join(step="1 ms") as me:
        out = me.message_output("out")
        v = me.signal_output("v", unit="mV")
        for window in me:
            out.send(window.begin, f"at {window.begin.ms:g}".encode())
            out.send(window.begin, b"")
            v.write_ns(range(window.begin.ns, window.end.ns, 10**6),
                       [[t / 1e6] for t in range(window.begin.ns, window.end.ns, 10**6)])
"""
LISTENER = """
    import json
    with tutti.join(step="1 ms") as me:
        input = me.message_input("in")
        v = me.signal_input("v", unit="mV", interpolation=tutti.Interpolation.LINEAR)
        heard, values = [], []
        for window in me:
            heard += [[due, text.decode()] for due, text in input.messages()]
            values.append([window.begin.ms, *v.read(window.begin.ms + 0.25)])
    open("found.json", "w").write(json.dumps([heard, values]))
"""


def test_messages_arrive_and_signals_are_interpolated(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {"a": SPEAKER, "b": LISTENER},
        ["from: a.out, to: b.in, delay: 2 ms", "from: a.v, to: b.v, delay: 0 ms"],
        "40 ms",
    )
    ended = play(path)
    assert ended.returncode == 0, ended.stderr
    heard, values = json.loads((tmp_path / "found.json").read_text())
    assert heard[:2] == [[2, "at 0"], [2, ""]]
    assert len(heard) > 6
    assert all(text in ("", f"at {due - 2:g}") for due, text in heard)
    # The value is the time: between two samples it lies on the line.
    assert all(value == pytest.approx(begin + 0.25) for begin, value in values)
