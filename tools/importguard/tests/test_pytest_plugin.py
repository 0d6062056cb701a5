"""The pytest plugin, in pytest runs of its own."""

import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]


def test_the_fixture_records_and_asserts(pytester):
    pytester.makepyfile(heavy="", light="")
    pytester.makepyfile(
        """
        import importlib, threading
        def test_light(main_thread_imports):
            import light
            worker = threading.Thread(target=__import__, args=("heavy",))
            worker.start()
            worker.join()
            assert main_thread_imports.modules == ["light"]
            main_thread_imports.assert_free("heavy")
        def test_heavy(main_thread_imports):
            importlib.import_module("heavy.part" if False else "colorsys")
            main_thread_imports.assert_free("colorsys")
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*colorsys was loaded on the main thread:*", "*in test_heavy*"])


def test_the_fixture_finds_a_wait_and_takes_its_hooks_back(pytester):
    pytester.makepyfile(
        slow="""
        import gates
        gates.entered.set()
        assert gates.leave.wait(10)
        """,
        gates="import threading\nentered, leave = threading.Event(), threading.Event()",
    )
    pytester.makepyfile(
        """
        import builtins, importlib, sys, threading
        import gates
        before = (builtins.__import__, importlib.import_module, list(sys.meta_path))
        def test_waits(main_thread_imports):
            worker = threading.Thread(target=__import__, args=("slow",))
            worker.start()
            assert gates.entered.wait(10)
            threading.Timer(0.1, gates.leave.set).start()
            import slow
            worker.join()
            main_thread_imports.assert_no_waits()
        def test_gone():
            assert (builtins.__import__, importlib.import_module, list(sys.meta_path)) == before
        """
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*the main thread waited * ms for slow, which another thread loads:*"])


def test_a_fresh_process_tells_the_chain(pytester):
    pytester.makepyfile(outer="import inner", inner="x = 1\nimport colorsys", free="x = 1", broken="1 / 0")
    pytester.makepyfile(
        """
        import colorsys
        from importguard.pytest_plugin import assert_import_free
        def test_free(): assert_import_free("colorsys", "wave", of="free")
        def test_loads(): assert_import_free("colorsys", of="outer")
        def test_broken(): assert_import_free("colorsys", of="broken")
        """
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        [
            "*importing outer loads colorsys: outer → inner → colorsys, at *inner.py:2*",
            "*broken cannot be imported in a fresh process:*",
        ]
    )


def test_the_report_and_the_run_of_the_project_are_worked_out_once(pytester):
    pytester.makefile(".toml", importguard='entry = "app.py"\nheavy = ["colorsys"]')
    pytester.makepyfile(app="import colorsys")
    pytester.makepyfile(
        """
        seen = []
        def test_one(importguard_report):
            seen.append(importguard_report)
            assert [finding.code for finding in importguard_report.findings] == ["IG101"]
        def test_two(importguard_report):
            assert importguard_report is seen[0]
        def test_run(importguard_verification):
            assert [one.name for one in importguard_verification.heavy] == ["colorsys"]
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=3)


def test_importing_the_plugin_loads_nothing_heavy():
    code = "import sys, pytest; before = set(sys.modules); import importguard.pytest_plugin\n"
    code += "print(*set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=240)
    assert set(done.stdout.split()) <= {
        "importguard",
        "importguard.pytest_plugin",
        "importguard.running",
        "importguard.running.recorder",
    }


def test_what_was_loaded_before_a_test_is_refused_whatever_the_order(pytester):
    pytester.makepyfile(
        """
        def test_a():
            import colorsys
        def test_b(main_thread_imports):
            import colorsys
            main_thread_imports.assert_free("colorsys")
        """
    )
    for order in ((), ("-k", "test_b")):
        result = pytester.runpytest_subprocess("-p", "no:cacheprovider", *order)
        assert result.parseoutcomes()["failed"] == 1
    whole = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    whole.stdout.fnmatch_lines(["colorsys was loaded before this test began, so it cannot be said who needs it; *"])


@pytest.mark.parametrize("fixture", ["importguard_report", "importguard_verification"])
def test_without_a_configuration_a_fixture_ends_in_one_sentence(pytester, fixture):
    pytester.makepyfile(f"def test_it({fixture}): pass")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(errors=1)
    lines = [line for line in result.outlines if line.startswith("importguard: ")]
    assert len(lines) == 1
    assert "no entry to analyse" in lines[0]
    assert "During handling" not in result.stdout.str()
    assert not [line for line in result.outlines if "importguard/" in line]


def test_a_failing_assertion_about_a_fixture_is_short_and_the_attributes_are_documented(pytester):
    pytester.makefile(".toml", importguard='entry = "app.py"\nheavy = ["colorsys"]')
    pytester.makepyfile(app="import colorsys, asyncio")
    pytester.makepyfile(
        """
        def test_report(importguard_report):
            assert importguard_report.ok
        def test_run(importguard_verification):
            assert importguard_verification.ok
        """
    )
    result = pytester.runpytest_subprocess("-vv", "-p", "no:cacheprovider")
    result.assert_outcomes(failed=2)
    assert len(result.stdout.str()) < 6000
    result.stdout.fnmatch_lines(["*<Verdict: failed, * findings, 0 suppressed, 0 old>*", "*<Verification of app.py: *"])
    shown = pytester.runpytest_subprocess("--fixtures", "-v", "-p", "no:cacheprovider").stdout.str()
    for attribute in ("`findings`", "`ok`", "`unwarmed`"):
        assert attribute in shown
