"""Every source file names its licence once, and it is the one of its folder.

SPDX-License-Identifier: Apache-2.0
"""

from project import files, is_source, text_of, verdict

TAG = "SPDX-License-" + "Identifier:"
FIRST_LINES = 12
UNDER_GPL = ("kernel/", "models/")


def licence_of(path: str) -> str:
    return "GPL-3.0-or-later" if path.startswith(UNDER_GPL) else "Apache-2.0"


def violations(path: str, text: str) -> list[str]:
    expected = f"{TAG} {licence_of(path)}"
    lines = [line for line in text.splitlines()[:FIRST_LINES] if TAG in line]
    if len(lines) != 1:
        return [
            f"{path}: {len(lines)} lines with '{TAG}' at its top, must be one: write "
            f"'{expected}' there"
        ]
    said = lines[0].split(TAG)[1].replace("*/", "").strip()
    if said != licence_of(path):
        return [
            f"{path}: says '{said}', but its folder is under {licence_of(path)}: write "
            f"'{expected}' on one line"
        ]
    return []


def main() -> None:
    broken = []
    for path in files():
        if is_source(path):
            broken += violations(path, text_of(path))
    verdict(broken, "licences")


if __name__ == "__main__":
    main()
