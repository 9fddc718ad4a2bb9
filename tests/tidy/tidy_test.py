#!/usr/bin/env python3
"""Each rule of scripts/tidy.py finds what it is for, and leaves alone what is right."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TIDY = Path(__file__).resolve().parents[2] / "scripts" / "tidy.py"
CMAKE = {
    "core/base/CMakeLists.txt": "ekiden_library(core_base SOURCES a.cpp)\n",
    "core/model/CMakeLists.txt": "ekiden_library(core_model SOURCES m.cpp USES core_base)\n",
    "core/net/CMakeLists.txt": "ekiden_library(core_net SOURCES n.cpp USES core_base)\n",
    "core/agent/CMakeLists.txt": "ekiden_library(core_agent SOURCES agent.cpp USES core_api)\n"
                                 "ekiden_library(core_agentd SOURCES shell.cpp USES core_agent)\n",
    "tests/unit/CMakeLists.txt": "ekiden_test(unit_x SOURCES t.cpp USES core_base)\n",
}


def findings(**files):
    """What tidy says of a tree of these files; '__' in a name stands for '/', a final _h for .h."""
    with tempfile.TemporaryDirectory() as folder:
        tree = dict(CMAKE)
        for name, text in files.items():
            path, suffix = name.replace("__", "/").rsplit("_", 1)
            tree[f"{path}.{suffix}"] = text
        for path, text in tree.items():
            file = Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        done = subprocess.run([sys.executable, TIDY, folder], capture_output=True, text=True)
        lines = done.stdout.splitlines()[:-1]
        assert done.returncode == (1 if lines else 0), done.stdout + done.stderr
        return lines


class Includes(unittest.TestCase):
    def test_follow_the_table(self):
        self.assertEqual(findings(core__net__n_cpp='#include "core/base/a.h"\n'), [])
        found = findings(core__model__m_cpp='#include "core/net/n.h"\n')
        self.assertEqual(len(found), 1)
        self.assertIn("core/model/m.cpp:1: core_model must not include core/net/n.h", found[0])

    def test_a_machine_does_not_see_its_shell(self):
        good = findings(core__agent__shell_cpp='#include "core/agent/agent.h"\n',
                        core__agent__agent_cpp="", core__agent__agent_h="#pragma once\n",
                        core__agent__shell_h="#pragma once\n")
        self.assertEqual(good, [])
        bad = findings(core__agent__agent_cpp='#include "core/agent/shell.h"\n',
                       core__agent__shell_cpp="", core__agent__shell_h="#pragma once\n")
        self.assertIn("a shell wraps the machine", bad[0])

    def test_a_header_without_source_belongs_where_its_includes_fit(self):
        link = '#pragma once\n#include "core/net/n.h"\n'
        self.assertEqual(findings(core__agent__link_h=link), [])
        bad = findings(core__agent__link_h=link,
                       core__agent__agent_cpp='#include "core/agent/link.h"\n')
        self.assertIn("core_agent must not include core/agent/link.h of core_agentd", bad[0])

    def test_third_party_headers_stay_in_their_place(self):
        self.assertEqual(findings(core__net__n_cpp="#include <boost/asio.hpp>\n"), [])
        self.assertIn("belongs behind the header", findings(
            core__model__m_cpp="#include <boost/asio.hpp>\n")[0])
        self.assertIn("is in no table", findings(core__net__n_cpp="#include <zmq.hpp>\n")[0])

    def test_machines_are_pure(self):
        self.assertIn("is pure", findings(core__model__m_cpp="#include <thread>\n")[0])
        self.assertEqual(findings(core__net__n_cpp="#include <thread>\n"), [])

    def test_targets_are_in_the_table(self):
        found = findings(new__CMakeLists_txt="ekiden_library(new_thing SOURCES a.cpp)\n",
                         new__a_cpp="int a;\n")
        self.assertIn("target new_thing is not in the include table", found[0])


class Words(unittest.TestCase):
    def check(self, code, word):
        found = findings(core__model__m_cpp=code)
        self.assertTrue(any(word in line for line in found), (code, found))

    def test_are_found_in_code(self):
        self.check("auto t = std::chrono::steady_clock::now();\n", "steady_clock::now(")
        self.check("using namespace std;\n", "using namespace")
        self.check("std::thread t;\n", "std::thread")
        self.check("co_spawn(x, y, asio::detached);\n", "asio::detached")
        self.check("auto* p = new Thing;\n", "new T")
        self.check("void f() { delete p; }\n", "delete")
        self.check("// TO" "DO later\n", "TO" "DO")

    def test_are_left_alone_elsewhere(self):
        self.assertEqual(findings(core__model__m_cpp=(
            'using namespace std::chrono_literals;\n'
            '// a new day; std::thread is not for machines\n'
            'const char* kText = "new Thing; using namespace std; TO" "DO";\n'
            'struct A { A(const A&) = delete; };\n'
            'void f() {\n  using namespace std::chrono;\n}\n')), [])
        self.assertEqual(findings(core__base__clock_h=(
            "#pragma once\nauto now() { return std::chrono::steady_clock::now(); }\n")), [])

    def test_tests_do_not_sleep(self):
        self.assertIn("must not sleep", findings(
            tests__unit__t_cpp="void f() { std::this_thread::sleep_for(1s); }\n")[0])


class CoAwait(unittest.TestCase):
    def count(self, statement):
        return len(findings(core__net__n_cpp=f"awaitable<void> f() {{\n  {statement}\n}}\n"))

    def test_with_braces_lambdas_or_choices_is_found(self):
        for statement in ["co_await run({.name = n});", "co_await run(Opts{a, b});",
                          "co_await run([state] { use(state); });",
                          "co_await run(flag ? a() : b());", "co_await Aggregate{x}.member();",
                          "Opts o{co_await a(), 1};", "co_return Opts{co_await a(), 1};"]:
            self.assertEqual(self.count(statement), 1, statement)

    def test_of_names_and_calls_is_fine(self):
        for statement in ["co_await run(std::move(options));", "auto [ec, n] = co_await read(s, b);",
                          "if (auto r = co_await f(); r) {\n    g();\n  }",
                          "while (co_await more(x[0])) {\n    g();\n  }",
                          "if (x) {\n    co_await f();\n  } else {\n    co_await g();\n  }"]:
            self.assertEqual(self.count(statement), 0, statement)


class Shape(unittest.TestCase):
    def test_long_lines_files_and_functions(self):
        self.assertIn("line of 101", findings(core__model__m_cpp="//" + "x" * 99 + "\n")[0])
        self.assertIn("file of 701", findings(core__model__m_cpp="int x;\n" * 701)[0])
        body = "".join(f"  f({i});\n" for i in range(71))
        self.assertIn("function of 71", findings(
            core__model__m_cpp="namespace a {\nint g(int b) {\n" + body + "}\n}\n")[0])
        self.assertIn("function of 71", findings(
            core__model__m_cpp="struct A {\n  A() : b{1}, c(2) {\n" + body + "  }\n};\n")[0])

    def test_tables_and_namespaces_are_no_long_functions(self):
        rows = "".join(f"    {{{i}, 2}},\n" for i in range(90))
        self.assertEqual(findings(core__model__m_cpp=(
            "const T& table() {\n  static const T kTable = {\n" + rows + "  };\n  return kTable;\n}\n"
        )), [])
        self.assertEqual(findings(core__model__m_cpp=(
            "MACRO(a)\n\nnamespace a {\n" + "int x;\n" * 90 + "}\n")), [])

    def test_headers_have_a_guard(self):
        self.assertIn("#pragma once", findings(core__model__m_h="int x;\n")[0])


class Tree(unittest.TestCase):
    def test_every_source_is_listed(self):
        self.assertIn("source in no CMakeLists.txt", findings(core__model__lost_cpp="int x;\n")[0])

    def test_the_page_makes_no_markup_of_data(self):
        self.assertIn("innerHTML", findings(ui_static__js__a_js="x.innerHTML = y;\n")[0])

    def test_the_readme_names_the_folders(self):
        rows = "".join(f"| `{f}` | x |\n" for f in
                       ["core/base", "core/model", "core/net", "core/agent", "tests/"])
        self.assertEqual(findings(README_md=rows), [])
        self.assertIn("lacks core/net", findings(
            README_md=rows.replace("| `core/net` | x |\n", ""))[0])
        self.assertIn("names gone", findings(README_md=rows + "| `gone/` | x |\n")[0])


if __name__ == "__main__":
    unittest.main()
