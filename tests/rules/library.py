"""library.py LIBTUTTI.SO: it exports the public functions and nothing else, and links
what may be linked to a library under Apache-2.0 and nothing else.

SPDX-License-Identifier: Apache-2.0
"""

import re
import subprocess
import sys
from pathlib import Path

from project import files, text_of, verdict

# None of them is under the GPL: libzmq MPL-2.0 or LGPL-3.0 with exception,
# libprotobuf-c BSD-2-Clause, the rest is the C library and the compiler's.
MAY_LINK = re.compile(r"lib(zmq|protobuf-c|c|m|pthread|rt|gcc_s)\.so\.\d+|ld-linux.*")
PUBLIC = re.compile(r"\bTUTTI_API\b[^;{]*?\b(tutti_\w+)\s*\(")


def linked(dynamic_section: str) -> set[str]:
    """The libraries in what readelf says of a dynamic section."""
    return set(re.findall(r"\(NEEDED\)[^\[]*\[([^\]]+)\]", dynamic_section))


def exported(symbols: str) -> set[str]:
    """The names in what nm says of defined dynamic symbols."""
    return {line.split()[-1].split("@")[0] for line in symbols.splitlines() if line}


def public(headers: str) -> set[str]:
    """The functions that the text of the public headers declares."""
    return set(PUBLIC.findall(re.sub(r"^\s*#.*$", "", headers, flags=re.MULTILINE)))


def violations(needs: set[str], has: set[str], promised: set[str]) -> list[str]:
    return (
        [
            f"libtutti.so links {name}: it may link only libraries that are not under "
            f"the GPL, listed in tests/rules/library.py"
            for name in sorted(needs)
            if not MAY_LINK.fullmatch(name)
        ]
        + [
            f"libtutti.so lacks {name}(), which include/tutti declares: define it in "
            f"lib, or take it out of the header"
            for name in sorted(promised - has)
        ]
        + [
            f"libtutti.so exports {name}, which no header of include/tutti declares: "
            f"make it static or take TUTTI_API away"
            for name in sorted(has - promised)
        ]
    )


def output_of(*command: str) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout


def main() -> None:
    library = sys.argv[1]
    if not Path(library).is_file():
        sys.exit(f"{library} is not there: build first, './dev build'")
    needs = linked(output_of("readelf", "-d", library))
    has = exported(output_of("nm", "-D", "--defined-only", library))
    headers = [text_of(p) for p in files() if p.startswith("include/tutti/")]
    verdict(violations(needs, has, public("\n".join(headers))), "libtutti.so")


if __name__ == "__main__":
    main()
