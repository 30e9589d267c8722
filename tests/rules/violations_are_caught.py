"""Each rule of this folder is shown to catch what it forbids, and to let pass what it
allows.

SPDX-License-Identifier: Apache-2.0
"""

import unittest

import headers
import layers
import library
import licences
import sizes

GPL = "SPDX-License-Identifier: " + "GPL-3.0-or-later"
APACHE = "SPDX-License-Identifier: " + "Apache-2.0"


class Layers(unittest.TestCase):
    def said(self, path: str, text: str, *known: str) -> str:
        return "\n".join(layers.violations(path, text, set(known)))

    def test_a_layer_may_include_what_its_row_names(self) -> None:
        text = '#include "client/port.h"\n#include "wire/frame.h"\n#include <errno.h>\n'
        self.assertEqual(self.said("lib/client/port.c", text), "")
        self.assertEqual(self.said("models/a/b.c", '#include "kernel/model.h"\n'), "")

    def test_a_layer_may_not_include_another_one(self) -> None:
        text = '#include <errno.h>\n#include "wire/frame.h"\n'
        self.assertEqual(
            self.said("kernel/run.c", text),
            'kernel/run.c:2: kernel may not include "wire/frame.h" (lib/wire); it may '
            "include include, lib/base, lib/config, lib/store, models: move the code, "
            "or go through one of these",
        )
        self.assertIn("may not include", self.said("lib/base/a.c", text))
        self.assertIn("may not", self.said("models/a/b.c", '#include "kernel/core.h"'))
        self.assertIn("may not", self.said("broker/a.c", '#include "kernel/core.h"'))
        self.assertIn("may not", self.said("adapters/x/a.c", '#include "base/time.h"'))
        self.assertEqual(self.said("adapters/recorder/a.c", '#include "store/a.h"'), "")

    def test_includes_do_not_climb(self) -> None:
        self.assertIn("climbs", self.said("lib/base/a.c", '#include "../wire/frame.h"'))

    def test_includes_are_written_from_the_root_of_the_layer(self) -> None:
        said = self.said("lib/base/time.c", '#include "time.h"\n')
        self.assertIn("write the path from the layer's root", said)
        self.assertEqual(self.said("tests/kernel/a.c", '#include "a.h"\n'), "")

    def test_a_source_includes_its_own_header_first(self) -> None:
        text = '#include "base/status.h"\n#include "base/time.h"\n'
        said = self.said("lib/base/time.c", text, "lib/base/time.h")
        self.assertIn("lib/base/time.h comes first", said)
        text = '#include "base/time.h"\n#include "base/status.h"\n'
        self.assertEqual(self.said("lib/base/time.c", text, "lib/base/time.h"), "")

    def test_a_package_is_used_in_its_home_only(self) -> None:
        for header, home in (
            ("zmq.h", "lib/link/a.c"),
            ("protobuf-c/protobuf-c.h", "lib/wire/a.c"),
            ("hdf5.h", "lib/store/a.c"),
            ("yaml.h", "lib/config/a.c"),
            ("udunits2.h", "lib/config/a.c"),
            ("xxhash.h", "broker/a.c"),
            ("Random123/philox.h", "kernel/a.c"),
            ("cmocka.h", "tests/base/a.c"),
            ("jansson.h", "tests/kernel/a.c"),
        ):
            self.assertEqual(self.said(home, f"#include <{header}>\n"), "")
            said = self.said("lib/base/a.c", f"#include <{header}>\n")
            self.assertIn(f"<{header}> has its home in", said)
        self.assertEqual(self.said("lib/wire/a.c", '#include "control.pb-c.h"\n'), "")
        said = self.said("broker/a.c", '#include "control.pb-c.h"\n')
        self.assertIn("has its home in lib/wire", said)

    def test_an_unknown_package_needs_a_home(self) -> None:
        self.assertIn(
            "no home yet", self.said("broker/a.c", "#include <curl/curl.h>\n")
        )

    def test_public_headers_include_the_standard_library_only(self) -> None:
        said = self.said("include/tutti/a.h", "#include <sys/types.h>\n")
        self.assertIn("C standard library only", said)
        self.assertEqual(self.said("include/tutti/a.h", "#include <stdint.h>\n"), "")

    def test_a_folder_without_a_row_is_refused(self) -> None:
        self.assertIn("in no row", self.said("extra/a.c", ""))

    def test_the_python_package_imports_numpy_only(self) -> None:
        def said(text: str, path: str = "python/tutti/port.py") -> list[str]:
            return layers.python_violations(path, text, set())

        self.assertEqual(
            said("import numpy as np\nfrom . import time\nimport os\n"), []
        )
        self.assertEqual(
            said("import os\nfrom scipy.io import loadmat\n"),
            [
                "python/tutti/port.py:2: python/tutti may import numpy, tutti besides "
                "the standard library, not scipy"
            ],
        )
        self.assertIn("_abi.py: declare it there", said("x = ctypes.CDLL('a')\n")[0])
        self.assertEqual(said("x = ctypes.CDLL('a')\n", "python/tutti/_abi.py"), [])


class Licences(unittest.TestCase):
    def test_a_file_without_a_licence_is_refused(self) -> None:
        said = licences.violations("lib/base/a.c", "/* A file. */\n")
        self.assertEqual(len(said), 1)
        self.assertIn(f"0 lines with '{licences.TAG}' at its top", said[0])

    def test_a_file_names_its_licence_once(self) -> None:
        said = licences.violations("lib/base/a.c", f"/* {APACHE} */\n/* {APACHE} */\n")
        self.assertIn("2 lines", said[0])

    def test_the_kernel_and_the_models_are_under_the_gpl(self) -> None:
        self.assertEqual(licences.violations("kernel/a.c", f"/* {GPL} */\n"), [])
        self.assertEqual(licences.violations("broker/a.c", f"/* {APACHE} */\n"), [])
        said = licences.violations("models/neuron/a.c", f"/* {APACHE} */\n")
        self.assertIn("its folder is under GPL-3.0-or-later", said[0])
        said = licences.violations("lib/base/a.c", f"/* {GPL} */\n")
        self.assertIn("its folder is under Apache-2.0", said[0])


class Sizes(unittest.TestCase):
    def test_a_long_file_is_refused(self) -> None:
        self.assertEqual(sizes.violations("lib/base/a.c", "\n" * 600), [])
        said = sizes.violations("lib/base/a.c", "\n" * 601)
        self.assertEqual(
            said, ["lib/base/a.c: 601 lines, at most 600: split it by reason to change"]
        )

    def test_a_long_function_is_refused(self) -> None:
        fits = "int f(void)\n{\n" + "    g();\n" * 57 + "}\n"
        self.assertEqual(sizes.violations("lib/base/a.c", fits), [])
        long = "\nint f(void)\n{\n" + "    g();\n" * 58 + "}\n"
        self.assertEqual(
            sizes.violations("lib/base/a.c", long),
            [
                "lib/base/a.c:3: f() has 61 lines, at most 60 fit on a screen: split it "
                "by what it does"
            ],
        )
        python = "def f():\n" + "    g()\n" * 60
        self.assertIn("f() has 61 lines", sizes.violations("python/a.py", python)[0])

    def test_a_function_with_seven_parameters_is_refused(self) -> None:
        six = "static int f(int a, int (*b)(int, int), int c,\n  int d, int e, int g)\n"
        self.assertEqual(sizes.violations("lib/base/a.c", six + "{\n}\n"), [])
        seven = six.replace("int g", "int g, int h")
        said = sizes.violations("lib/base/a.c", "/* A. */\n" + seven + "{\n}\n")
        self.assertIn("f() has 7 parameters, at most 6", said[0])

    def test_a_file_name_says_something(self) -> None:
        for name in "util", "misc", "common", "helper", "types", "manager", "io_utils":
            said = sizes.violations(f"lib/base/{name}.c", "")
            self.assertEqual(
                said,
                [f"lib/base/{name}.c: its name says nothing: name it by what is in it"],
            )
        self.assertEqual(sizes.violations("lib/base/utility_function.c", ""), [])


class Headers(unittest.TestCase):
    def test_a_header_that_needs_another_one_is_caught(self) -> None:
        command = headers.commands_for("lib/base/a.h", [])["C11"]
        self.assertIn("uint32_t", headers.complaint(command, "extern uint32_t n;\n"))
        alone = "#include <stdint.h>\nextern uint32_t n;\n"
        self.assertIsNone(headers.complaint(command, alone))

    def test_the_contract_uses_no_extension_of_the_system(self) -> None:
        command = headers.commands_for("include/tutti/a.h", [])["strict C11"]
        self.assertIsNotNone(headers.complaint(command, "enum a { b = 1 ? : 2 };\n"))


class Library(unittest.TestCase):
    def test_a_library_under_the_gpl_is_caught(self) -> None:
        section = (
            " 0x01 (NEEDED)  Shared library: [libgsl.so.27]\n"
            " 0x01 (NEEDED)  Shared library: [libzmq.so.5]\n"
            " 0x0e (SONAME)  Library soname: [libtutti.so]\n"
        )
        said = library.violations(library.linked(section), set(), set())
        self.assertEqual(len(said), 1)
        self.assertIn("libtutti.so links libgsl.so.27: ", said[0])

    def test_exports_are_exactly_what_the_headers_declare(self) -> None:
        promised = library.public(
            "#define TUTTI_API __attribute__((x))\n"
            "TUTTI_API enum tutti_status tutti_join(const char *a,\n   int b);\n"
            "TUTTI_API bool\ntutti_is_ready(void);\n"
        )
        self.assertEqual(promised, {"tutti_join", "tutti_is_ready"})
        has = library.exported("0000 T tutti_join\n0010 T tt_link_open\n")
        said = library.violations(set(), has, promised)
        self.assertEqual(len(said), 2)
        self.assertIn("lacks tutti_is_ready()", said[0])
        self.assertIn("exports tt_link_open", said[1])


if __name__ == "__main__":
    unittest.main()
