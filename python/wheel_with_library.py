"""Makes the wheel that pip installs: the package, and beside it the libtutti.so that was
built from the same source. No build tool but Python itself is needed, and no network.

SPDX-License-Identifier: Apache-2.0
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import os
import subprocess
import sysconfig
import tomllib
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGE = HERE / "tutti"
LIBRARY = "libtutti.so"


def installed_library() -> Path | None:
    """Where pkg-config knows an installed library."""
    try:
        asked = ["pkg-config", "--variable=libdir", "tutti"]
        done = subprocess.run(asked, capture_output=True, text=True)
    except FileNotFoundError:
        return None
    folder = done.stdout.strip()
    return Path(folder) / LIBRARY if folder else None


def find_library() -> Path:
    """The library to put in: named, built in this checkout, or installed."""
    asked = os.environ.get("TUTTI_LIBRARY")
    built = HERE.parent / "build" / "lib" / LIBRARY
    for path in [Path(asked)] if asked else [built, installed_library()]:
        if path and path.is_file():
            return path
    raise SystemExit(
        f"the package needs {LIBRARY}, and {asked or built} is not there: run "
        f"'./dev build', or set TUTTI_LIBRARY to the path of the library, or "
        f"PKG_CONFIG_PATH to the folder of an installed tutti.pc"
    )


def version_of(library: Path) -> str:
    """What the library says of itself; fails when it lacks what the package calls."""
    os.environ["TUTTI_LIBRARY"] = str(library)
    spec = importlib.util.spec_from_file_location("_abi", PACKAGE / "_abi.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except ImportError as failure:
        raise SystemExit(str(failure)) from None
    version: bytes = module.library.tutti_version()
    return version.decode()


def metadata(version: str) -> str:
    project = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {project['name']}",
        f"Version: {version}",
        f"Summary: {project['description']}",
        f"License: {project['license']['text']}",
        f"Requires-Python: {project['requires-python']}",
        *(f"Requires-Dist: {name}" for name in project["dependencies"]),
    ]
    return "\n".join(lines) + "\n"


def record_line(name: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
    return f"{name},sha256={digest.decode()},{len(content)}\n"


def build_wheel(
    wheel_directory: str,
    config_settings: dict[str, str] | None = None,
    metadata_directory: str | None = None,
) -> str:
    """What pip calls (PEP 517); returns the name of the wheel."""
    library = find_library()
    version = version_of(library)
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    tag = f"py3-none-{platform}"
    about = f"tutti-{version}.dist-info"
    wheel = "Wheel-Version: 1.0\nGenerator: tutti\nRoot-Is-Purelib: false\n"
    licence = HERE.parent / "LICENSES" / "Apache-2.0.txt"
    contents = {
        **{f"tutti/{path.name}": path.read_bytes() for path in PACKAGE.glob("*.py")},
        f"tutti/{LIBRARY}": library.read_bytes(),
        f"{about}/METADATA": metadata(version).encode(),
        f"{about}/WHEEL": f"{wheel}Tag: {tag}\n".encode(),
        f"{about}/{licence.name}": licence.read_bytes(),
    }
    record = "".join(record_line(*item) for item in contents.items())
    contents[f"{about}/RECORD"] = f"{record}{about}/RECORD,,\n".encode()
    name = f"tutti-{version}-{tag}.whl"
    with zipfile.ZipFile(Path(wheel_directory) / name, "w") as archive:
        for path, content in contents.items():
            archive.writestr(path, content, zipfile.ZIP_DEFLATED)
    return name
