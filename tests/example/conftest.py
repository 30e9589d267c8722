"""Makes the modules of the example importable, and plays it once for all tests.

SPDX-License-Identifier: Apache-2.0
"""

import sys

import pytest
from variants import EXAMPLE, Recording, play

sys.path.insert(0, str(EXAMPLE))


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """The example as it stands, but short."""
    return play(tmp_path_factory.mktemp("whole"), "300 ms")
