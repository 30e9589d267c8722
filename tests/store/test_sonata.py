"""Recordings are read by h5py and libsonata, which know nothing of us.

SPDX-License-Identifier: Apache-2.0
"""

import subprocess
from pathlib import Path

import h5py
import libsonata
import numpy as np
import pytest


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sonata") / "recording.h5"
    subprocess.run(["sonata_sample", path], check=True)
    return path


def test_h5py_opens_the_file_as_an_ordinary_one(sample: Path) -> None:
    with h5py.File(sample) as file:
        assert file.attrs["magic"] == 0x0A7A
        assert list(file.attrs["version"]) == [0, 1]
        spikes = file["spikes/column.E"]
        k = np.arange(20000)
        assert np.array_equal(spikes["timestamps"], k * 25000 / 1e6)
        assert np.array_equal(spikes["node_ids"], k % 7)
        assert spikes["timestamps"].attrs["units"] == b"ms"
        provenance = file["provenance"]
        assert provenance["complete_up_to"][()] == 500.0
        assert provenance["experiment"].asstr()[()] == "experiment: sample\n"
        assert provenance["digests/column.E"].shape == (5, 16)


def test_h5py_may_change_the_file(sample: Path) -> None:
    with h5py.File(sample, "r+") as file:
        file.attrs["note"] = "mine"


def test_libsonata_reads_the_spikes(sample: Path) -> None:
    reader = libsonata.SpikeReader(str(sample))
    assert reader.get_population_names() == ["column.E"]
    population = reader["column.E"]
    assert population.sorting == "by_time"
    spikes = population.get_dict()
    assert np.array_equal(spikes["timestamps"], np.arange(20000) * 25000 / 1e6)
    assert np.array_equal(spikes["node_ids"], np.arange(20000) % 7)
    some = population.get(node_ids=[3], tstart=1.0, tstop=2.0)
    assert [id for id, _ in some] == [3] * 6


@pytest.mark.parametrize(
    "reader_class", [libsonata.SomaReportReader, libsonata.ElementReportReader]
)
def test_libsonata_reads_the_report(sample: Path, reader_class: type) -> None:
    population = reader_class(str(sample))["cell.v"]
    assert population.get_node_ids() == [4, 5, 9]
    assert population.times == pytest.approx((0.1, 500.1, 0.1))
    assert (population.time_units, population.data_units) == ("ms", "mV")
    frame = population.get()
    assert len(frame.times) == 5000
    assert frame.data.shape == (5000, 3)
    k = np.arange(1, 5001)
    assert np.array_equal(frame.data[:, 0], (-65 + k / 1000).astype(np.float32))
    assert np.array_equal(frame.data[:, 1], k)
    assert frame.times == pytest.approx(k * 0.1)
