"""`graph --format html` in a real headless Chromium, and the diagrams."""

import subprocess
import sys

import pytest

PROGRAM = {
    "app.py": "import one, calendar",
    "one.py": "import json\nimport two",
    "two.py": "import time\nif time.time() % 2:\n    import three",
    "three.py": "",
}


@pytest.fixture
def render(tmp_path, write):
    def make(*arguments, files=PROGRAM):
        write(files)
        command = [sys.executable, "-m", "importguard", "graph", "app.py", *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    return make


@pytest.fixture
def page(browser, render, tmp_path):
    def open_page(files=PROGRAM):
        file = tmp_path / "startup.html"
        file.write_text(render("--format", "html", files=files))
        browser.get(file.as_uri())
        return browser

    yield open_page
    assert [entry["message"] for entry in browser.get_log("browser")] == []


def text(browser, selector):
    return browser.find_element("css selector", selector).text


def pixel(browser, x, y):
    script = "return [...document.querySelector('canvas').getContext('2d').getImageData(%d, %d, 1, 1).data]"
    return browser.execute_script(script % (x, y))


def test_the_page_shows_the_start(page):
    opened = page()
    assert text(opened, "h1") == "What app.py loads at startup"
    assert "modules, about" in text(opened, "#summary")
    assert pixel(opened, 40, 6)[3] == 255
    rows = [row.text for row in opened.find_elements("css selector", "#list tr td:first-child")]
    assert rows[0] == "one"


def test_several_starts_are_chosen_on_the_page(browser, run, write, tmp_path):
    from selenium.webdriver.support.ui import Select

    write(
        {**PROGRAM, "importguard.toml": '[[entry]]\nscript = "app.py"\n[[entry]]\nname = "second"\nscript = "two.py"'}
    )
    (tmp_path / "startup.html").write_text(run("graph", "--format", "html").stdout)
    browser.get((tmp_path / "startup.html").as_uri())
    starts = Select(browser.find_element("id", "start"))
    assert [option.text for option in starts.options] == ["app.py", "second"]
    starts.select_by_visible_text("second")
    assert text(browser, "h1") == "What second loads at startup"
    assert browser.get_log("browser") == []


def test_a_click_selects_a_module_with_its_chain_and_saving(page):
    opened = page()
    from selenium.webdriver import ActionChains

    canvas = opened.find_element("css selector", "canvas")
    left, top = -canvas.size["width"] // 2, -canvas.size["height"] // 2
    ActionChains(opened).move_to_element_with_offset(canvas, left + 30, top + 35).click().perform()
    assert text(opened, "#name") == "one"
    assert [item.text for item in opened.find_elements("css selector", "#chain li")] == ["__main__", "one app.py:1"]
    opened.find_element("xpath", "//table[@id='list']//button[text()='two']").click()
    assert text(opened, "#name") == "two"
    assert "2 modules" in text(opened, "#facts")


def test_the_search_finds_and_the_keyboard_walks(page):
    opened = page()
    from selenium.webdriver import Keys

    opened.find_element("id", "search").send_keys("three")
    assert text(opened, "#list-title") == "1 match"
    opened.find_element("xpath", "//table[@id='list']//button").click()
    assert "possible" in text(opened, "#facts")
    opened.find_element("css selector", "canvas").send_keys(Keys.ARROW_UP)
    assert text(opened, "#name") == "two"


def test_possible_modules_can_be_left_out(page):
    opened = page()
    opened.find_element("id", "possible").click()
    opened.find_element("id", "search").send_keys("three")
    assert text(opened, "#list-title") == "0 matches"


def test_names_cannot_become_markup(page):
    name = "</script><img src=x onerror=alert(1)>"
    opened = page({"app.py": f"__import__({name!r}[9:])", f"{name[9:]}.py": ""})
    assert text(opened, "h1") == "What app.py loads at startup"
    assert opened.find_elements("css selector", "img") == []


def test_the_page_of_a_large_start_is_usable(page):
    names = [f"module_{index:04}" for index in range(5000)]
    files = {f"{name}.py": "" for name in names} | {"app.py": "import " + ", ".join(names)}
    opened = page(files)
    opened.find_element("id", "search").send_keys("module_4999")
    opened.find_element("xpath", "//table[@id='list']//button").click()
    assert text(opened, "#name") == "module_4999"


@pytest.mark.parametrize("style", ["dot", "mermaid"])
def test_diagrams_go_to_a_depth(render, style):
    assert ("calendar" in render("--format", style), "two" in render("--format", style, "--depth", "1")) == (
        True,
        False,
    )


def test_a_diagram_collapses_what_is_not_the_projects(render):
    diagram = render("--format", "mermaid", "--collapse", "third-party")
    assert ("standard library" in diagram, "calendar" in diagram) == (True, False)


def test_dot_is_what_graphviz_reads(render):
    lines = render("--format", "dot").splitlines()
    assert lines[0].startswith("// Looked at Python")
    assert (lines[1], lines[-1]) == ("digraph startup {", "}")
    assert '  "one" -> "two";' in lines


HOSTILE = (
    'a"><img src=x onerror=alert(1)>',
    "<!--<script>alert(1)",
    "';alert(1)//",
    "${alert(1)}",
    "\u2028\u202ealert(1)",
    "__proto__",
    "constructor",
)


def test_hostile_names_run_no_script_and_add_no_element(page, write):
    from selenium.common.exceptions import NoAlertPresentException

    imports = "\n".join(f"importlib.import_module({name!r})" for name in (*HOSTILE, "</script><svg onload=alert(1)>"))
    files = {"app.py": f"import importlib\n{imports}", **{f"{name}.py": "import json" for name in HOSTILE}}
    opened = page(files)
    count = "return document.querySelectorAll('img, svg, iframe, object, script').length"
    before, chosen = opened.execute_script(count), set()
    for name in HOSTILE:  # the search makes the list anew
        search = opened.find_element("css selector", "input[type=search]")
        search.clear()
        search.send_keys(name[:12] if name.isprintable() else name[2:])
        for button in opened.find_elements("css selector", "#list button")[:1]:
            opened.execute_script("arguments[0].click()", button)
            chosen.add(text(opened, "#name"))
        with pytest.raises(NoAlertPresentException):
            _ = opened.switch_to.alert
    assert opened.execute_script(count) == before
    assert {HOSTILE[0], HOSTILE[1], "constructor"} <= chosen
