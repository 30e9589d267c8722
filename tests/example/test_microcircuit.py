"""The cortical microcircuit: its numbers, and what it does alone and in a loop.

SPDX-License-Identifier: Apache-2.0
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "microcircuit"
sys.path.insert(0, str(EXAMPLE))

import activity  # noqa: E402
import circuit  # noqa: E402
import peer  # noqa: E402

SMALL = circuit.Choice()
LENGTH = "1 s"
# Of the same circuit at the same scale in NEST 3.10.0, 3 s.
NEST_HZ = (0.39, 1.95, 3.90, 4.88, 6.28, 7.67, 0.80, 6.91)


def call(words: Sequence[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        "OMPI_ALLOW_RUN_AS_ROOT": "1",
        "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    }
    return subprocess.run(
        words,
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def alone(folder: Path, length: str, *more: str, ranks: int = 1) -> activity.Run:
    """A small circuit runs by itself."""
    network = folder / "circuit.yaml"
    network.write_text(circuit.text(SMALL))
    launcher = ["mpirun", "--oversubscribe", "-n", str(ranks)] if ranks > 1 else []
    words = [*launcher, "tutti-kernel", "circuit.yaml", "--duration", length]
    done = call([*words, "--out", "run", *more], folder)
    assert done.returncode == 0, done.stderr
    return activity.load(folder / "run", network)


def in_experiment(folder: Path, length: str, peer_words: str = "") -> activity.Run:
    """The example as it stands, but small and short."""
    for name in ("circuit.py", "peer.py"):
        shutil.copy(EXAMPLE / name, folder)
    (folder / "circuit.yaml").write_text(circuit.text(SMALL))
    text = (EXAMPLE / "experiment.yaml").read_text()
    layer_5 = circuit.cells("L5E", SMALL.scale)
    relay = circuit.thalamic_cells(SMALL.scale)
    for old, new in (
        ("duration: 5 s", f"duration: {length}"),
        ("python3 peer.py", f"python3 peer.py --scale {SMALL.scale} {peer_words}"),
        ("width: 485", f"width: {layer_5}"),
        ("width: 90", f"width: {relay}"),
        ("afterwards: python3 plot.py\n", ""),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / "experiment.yaml").write_text(text)
    done = call(["tutti", "run", "--out", "run", "experiment.yaml"], folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return activity.load(folder / "run", folder / "circuit.yaml")


@pytest.fixture(scope="module")
def free(tmp_path_factory: pytest.TempPathFactory) -> activity.Run:
    return alone(tmp_path_factory.mktemp("alone"), LENGTH)


@pytest.fixture(scope="module")
def looped(tmp_path_factory: pytest.TempPathFactory) -> tuple[activity.Run, Path]:
    folder = tmp_path_factory.mktemp("looped")
    return in_experiment(folder, LENGTH), folder


def up_to(run: activity.Run, end_ms: float) -> dict[str, list[tuple[float, int]]]:
    """All spikes up to a time, in one order."""
    return {
        name: sorted(
            (time, cell)
            for time, cell in zip(spikes.times.tolist(), spikes.cells.tolist())
            if time <= end_ms
        )
        for name, spikes in run.spikes.items()
    }


# --- the network file


def test_the_network_file_is_what_the_script_writes() -> None:
    assert (EXAMPLE / "circuit.yaml").read_text() == circuit.text(circuit.Choice())


def test_the_full_circuit_has_the_published_cells_and_synapses() -> None:
    whole = circuit.network(circuit.Choice(scale=1.0))
    sizes = [entry["size"] for entry in whole["populations"].values()]
    assert sum(sizes) == 77_169
    inner = [it["N"] for it in whole["projections"] if it["from"] != "thalamus"]
    assert round(sum(inner) / 1e6, 2) == 298.88
    assert round(circuit.weight_pa(), 1) == 87.8


def test_the_first_line_of_a_network_file_tells_what_was_chosen() -> None:
    choice = circuit.Choice(0.03, "dc", "packed", 7)
    assert circuit.choice_of(circuit.text(choice)) == choice
    assert circuit.choice_of("network: another\n") is None


def number(quantity: str) -> float:
    return float(quantity.split()[0])


def input_of(target: str, choice: circuit.Choice) -> tuple[float, float]:
    """Mean of the current into a cell at the published rates, and what its variance is
    proportional to."""
    network = circuit.network(choice)
    cells = network["populations"][target]
    rates = dict(zip(circuit.POPULATIONS, circuit.RATES_HZ))
    trains = [
        (
            it["N"] / cells["size"] * rates[it["from"]],
            number(it["weight"]["normal"]["mean"]),
        )
        for it in network["projections"]
        if it["to"] == target and it["from"] != "thalamus"
    ]
    if "poisson" in cells:
        trains.append(
            (number(cells["poisson"]["rate"]), number(cells["poisson"]["weight"]))
        )
    per_s = circuit.TAU_SYN_MS * 1e-3
    mean = sum(rate * weight * per_s for rate, weight in trains)
    variance = sum(rate * weight**2 for rate, weight in trains)
    return mean + number(cells["parameters"]["I_e"]), variance


@pytest.mark.parametrize("drive", circuit.DRIVES)
def test_a_thinned_circuit_keeps_mean_and_variance_of_every_input(drive: str) -> None:
    for target in circuit.POPULATIONS:
        mean, variance = input_of(target, circuit.Choice(1.0, drive))
        thinned_mean, thinned_variance = input_of(target, circuit.Choice(0.1, drive))
        # A hundredth: sizes and numbers of synapses are rounded.
        assert thinned_mean == pytest.approx(mean, rel=0.01)
        assert thinned_variance == pytest.approx(variance, rel=0.01)


def test_both_drives_have_the_same_mean() -> None:
    for target in circuit.POPULATIONS:
        poisson = input_of(target, circuit.Choice(0.1, "poisson"))
        constant = input_of(target, circuit.Choice(0.1, "dc"))
        assert poisson[0] == pytest.approx(constant[0])


def test_a_scale_that_makes_no_sense_is_named(tmp_path: Path) -> None:
    done = call([sys.executable, EXAMPLE / "circuit.py", "--scale", "2"], tmp_path)
    assert done.returncode == 2
    assert done.stderr.endswith("argument --scale: 2 is not above 0 and at most 1\n")


# --- what it does


def test_rates_are_those_in_nest_and_irregular(free: activity.Run) -> None:
    found = activity.numbers(free)
    # Half a second: between seeds L5E, which fires in bursts, differs most.
    for name, expected in zip(circuit.POPULATIONS, NEST_HZ):
        assert found[name].rate == pytest.approx(expected, rel=0.25, abs=0.2), name
    for name in ("L4E", "L4I", "L5E", "L6I"):
        assert 0.5 < found[name].cv < 1.1, name
        assert abs(found[name].correlation) < 0.05, name


def test_threads_give_the_same_spikes(free: activity.Run, tmp_path: Path) -> None:
    threads = alone(tmp_path, "300 ms", "--threads", "2")
    assert up_to(threads, 300.0) == up_to(free, 300.0)


def test_ranks_give_the_same_spikes(free: activity.Run, tmp_path: Path) -> None:
    program = shutil.which("tutti-kernel")
    assert program
    if "libmpi" not in call(["ldd", program], tmp_path).stdout:
        pytest.skip("built without MPI")
    ranks = alone(tmp_path, "300 ms", ranks=2)
    assert up_to(ranks, 300.0) == up_to(free, 300.0)


def test_beside_a_silent_peer_it_does_what_it_does_alone(
    free: activity.Run, tmp_path: Path
) -> None:
    silent = in_experiment(tmp_path, "300 ms", "--silent")
    assert len(silent.volleys) == 0
    assert up_to(silent, 300.0) == up_to(free, 300.0)


def test_a_volley_changes_nothing_before_it_arrives_and_layer_4_then(
    free: activity.Run, looped: tuple[activity.Run, Path]
) -> None:
    run, _ = looped
    assert len(run.volleys) > 0
    first = run.volleys[0]
    assert first >= peer.SETTLED_NS * 1e-6
    assert up_to(run, first + 1.5) == up_to(free, first + 1.5)

    def rate(of: activity.Run, begin: float) -> float:
        times = of.spikes["L4E"].times
        return float(np.sum((times > begin) & (times <= begin + 15.0)))

    assert rate(run, first) > 1.5 * rate(free, first)


def test_the_picture_is_drawn_and_the_numbers_are_printed(
    looped: tuple[activity.Run, Path],
) -> None:
    _, folder = looped
    words = [sys.executable, EXAMPLE / "plot.py", "run", "--network", "circuit.yaml"]
    done = call(words, folder)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].split()[:2] == ["population", "cells"]
    assert tuple(line.split()[0] for line in lines[1:9]) == circuit.POPULATIONS
    assert lines[9].startswith("(in parentheses: published rates at full scale")
    assert (folder / "run" / "microcircuit.png").stat().st_size > 50_000
    assert (folder / "run" / "microcircuit.pdf").stat().st_size > 20_000


def test_a_folder_without_a_recording_is_named(tmp_path: Path) -> None:
    done = call([sys.executable, EXAMPLE / "plot.py", "nowhere"], tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("plot.py: nowhere has no whole recording: ")


def test_another_network_file_is_refused(
    looped: tuple[activity.Run, Path], tmp_path: Path
) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("network: other\n")
    run = looped[1] / "run"
    words = [sys.executable, EXAMPLE / "plot.py", run, "--network", other]
    done = call(words, tmp_path)
    assert done.returncode == 1
    assert "other.yaml was not written by circuit.py" in done.stderr


# --- what is computed of the spikes


def made_of(spikes: activity.Spikes) -> activity.Run:
    empty = activity.Spikes("none", np.empty(0), np.empty(0, np.int64))
    every = {name: empty for name in circuit.POPULATIONS} | {"L4E": spikes}
    return activity.Run(SMALL, every, np.empty(0), 20_500.0)


def poisson(cells: int, rate_hz: float) -> activity.Spikes:
    rng = np.random.default_rng(5)
    number = rng.poisson(cells * rate_hz * 20.5)
    times = np.sort(rng.uniform(0.0, 20_500.0, number))
    return activity.Spikes("random", times, rng.integers(cells, size=number))


def test_independent_poisson_cells_have_cv_and_synchrony_1_and_no_correlation() -> None:
    run = made_of(poisson(circuit.cells("L4E", SMALL.scale), 5.0))
    found = activity.numbers(run)["L4E"]
    assert found.rate == pytest.approx(5.0, rel=0.02)
    assert found.cv == pytest.approx(1.0, abs=0.03)
    assert found.synchrony == pytest.approx(1.0, abs=0.1)
    assert found.correlation == pytest.approx(0.0, abs=0.001)


def test_cells_that_fire_together_are_correlated() -> None:
    one = poisson(1, 5.0)
    cells = circuit.cells("L4E", SMALL.scale)
    together = activity.Spikes(
        "together",
        np.repeat(one.times, cells),
        np.tile(np.arange(cells), len(one.times)),
    )
    found = activity.numbers(made_of(together))["L4E"]
    assert found.correlation == pytest.approx(1.0)
    assert found.synchrony > 100


def test_what_a_volley_disturbs_is_left_out() -> None:
    run = replace(made_of(poisson(10, 5.0)), volleys=np.array([1000.0]))
    edges = np.arange(0.0, 3000.0, 10.0)
    kept = activity.undisturbed(run, edges)
    left_out = edges[:-1][~kept]
    assert set(left_out) == {*range(0, 500, 10), *range(1000, 1100, 10)}


# --- the peer


def test_layer_5_is_quiet_below_half_of_its_mean_rate() -> None:
    watch = peer.Watch()
    for end in range(1, 101):
        watch.see(end * 1_500_000, 10)
    assert not watch.is_quiet()
    for end in range(101, 106):
        watch.see(end * 1_500_000, 0)
    assert not watch.is_quiet()
    watch.see(106 * 1_500_000, 0)
    assert watch.is_quiet()


def test_a_volley_lasts_10_ms_and_comes_out_window_by_window() -> None:
    volleys = peer.Volleys(cells=1000, seed=1)
    assert not volleys.may_begin(peer.SETTLED_NS - 1)
    begin = peer.SETTLED_NS
    volleys.begin(begin)
    assert not volleys.may_begin(begin + peer.PAUSE_NS - 1)
    total = 0
    for window in range(7):
        end = begin + (window + 1) * 1_500_000
        times, cells = volleys.take(end)
        assert ((end - 1_500_000 <= times) & (times < end)).all()
        assert ((0 <= cells) & (cells < 1000)).all()
        total += len(times)
    # 120 spikes/s of 1,000 cells for 10 ms, within five standard deviations.
    assert abs(total - 1200) < 5 * 1200**0.5
    assert len(volleys.take(begin + 100_000_000)[0]) == 0
