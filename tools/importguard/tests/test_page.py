"""`graph --format html` in a real headless Chromium, and the diagrams."""

import pytest

PROGRAM = {
    "app.py": "import one, calendar",
    "one.py": "import json\nimport two",
    "two.py": "import time\nif time.time() % 2:\n    import three",
    "three.py": "",
}


@pytest.fixture
def render(run, write):
    def make(*arguments, files=PROGRAM):
        write(files)
        done = run("graph", "app.py", *arguments)
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


APART = {
    "app.py": "import time\nif time.time() % 2: import big\nimport small",
    "big.py": "import small\nimport decimal",
    "small.py": "import argparse",
}


def test_without_possible_modules_the_certain_ones_below_them_stay(page):
    opened = page(APART)
    before = int(text(opened, "#summary").split(" module")[0])
    opened.find_element("id", "possible").click()
    left = [one.text for one in opened.find_elements("css selector", "#list td:first-child")]
    assert "small" in left
    opened.find_element("xpath", "//table[@id='list']//button[text()='small']").click()
    assert [one.text for one in opened.find_elements("css selector", "#list td:first-child")] == ["argparse"]
    summary = text(opened, "#summary")
    assert int(summary.split(" module")[0]) < before
    assert "Possible modules are left out." in summary


def fits(opened):
    return opened.execute_script(
        "return [document.documentElement.scrollWidth - innerWidth, ...[...document.querySelectorAll('section')].map("
        "(one) => one.scrollWidth - one.clientWidth)]"
    )


@pytest.mark.parametrize("width", [1280, 400])
def test_long_places_wrap_and_nothing_is_cut_off(page, width):
    deep = "package_with_a_rather_long_name/" * 6
    name = deep.replace("/", ".") + "module"
    files = {"app.py": f"import {name}", f"{deep}module.py": "import json"}
    opened = page(files)
    opened.set_window_size(width, 900)
    opened.get(opened.current_url.split("#")[0] + f"#module={name}")
    assert text(opened, "#name") == name
    assert max(fits(opened)) <= 0
    opened.set_window_size(1300, 900)


# Words that the browser has broken, as [element, word]; names end a line behind a dot, a slash or an underscore.
BROKEN = """
  const found = [], walk = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode, range = document.createRange();
    if (!node.parentElement.offsetParent) continue;
    for (const word of node.textContent.matchAll(/[^\\W_]+/g)) {
      range.setStart(node, word.index); range.setEnd(node, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].map((one) => Math.round(one.top)));
      if (lines.size > 1) found.push([node.parentElement.tagName, word[0]]);
    }
  }
  return found;
"""


def test_no_word_is_broken_on_a_telephone(page):
    folder = "a_package_with_a_long_name/and_another_one_below_it"
    name = f"{folder.replace('/', '.')}.what_somebody_imports_at_the_top"
    files = {
        "app.py": f"import {name}\nimport decimal",
        "a_package_with_a_long_name/__init__.py": "",
        f"{folder}/__init__.py": "",
        f"{folder}/what_somebody_imports_at_the_top.py": "import xml.dom.minidom, email.mime.multipart",
    }
    opened = page(files)
    opened.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 420, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    )
    try:
        opened.execute_script("page.select(page.start.byName.get(arguments[0]), true)", name)
        assert text(opened, "#name") == name
        assert opened.execute_script(BROKEN) == []
        assert max(fits(opened)) <= 0
    finally:
        opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


MANY = {
    "app.py": "import one\nimport two",
    "one.py": "".join(f"from shared import n{number}\n" for number in range(3)),
    "two.py": "import shared",
    "shared.py": "import decimal\nn0 = n1 = n2 = 0",
}


def test_the_imports_of_one_importer_are_one_row_that_opens_and_is_cut_as_a_whole(page):
    opened = page(MANY)
    opened.execute_script("page.select(page.start.byName.get('shared'), true)")
    assert text(opened, "#importers-title") == "Imported by 2 modules, in 4 statements"
    assert [row.split("\n")[0] for row in rows(opened, "importers")] == ["one one.py:1 and 2 more", "two two.py:1"]
    opened.find_element("css selector", "#importers [aria-label='Statements of one']").click()
    assert [row.split()[-1] for row in rows(opened, "importers")[1:4]] == ["one.py:1", "one.py:2", "one.py:3"]
    opened.find_element("css selector", "[aria-label='Without all imports by one']").click()
    assert text(opened, "#importers-title") == "Imported by 2 modules, in 4 statements, and still loaded by 1"
    assert text(opened, "#chain").split("\n")[-1] == "shared two.py:1"


def test_a_module_that_nobody_imports_has_no_list_of_importers(page):
    opened = page(MANY)
    assert not opened.find_element("id", "importers").is_displayed()


def rows(opened, table):
    return [one.text for one in opened.find_elements("css selector", f"#{table} tbody tr")]


def total(opened):
    return text(opened, "#total")


PLANNED = {
    "importguard.toml": 'heavy = ["colorsys", "wave"]',
    "app.py": "import one\nimport colorsys\nimport wave",
    "one.py": "import colorsys",
}


def test_the_plan_is_first_and_ticking_its_statements_shows_the_start_without_them(page):
    opened = page(PLANNED)
    assert opened.find_elements("css selector", "main section")[0].get_attribute("id") == "what-if"
    steps = rows(opened, "steps")
    assert [step.split()[1] for step in steps if step[0].isdigit()] in (["wave", "colorsys"], ["colorsys", "wave"])
    opened.find_element("css selector", "#steps button[aria-label^='Statements of step']").click()
    boxes = {place: f"//table[@id='steps']//input[@aria-label='Without {place}']" for place in ("app.py:2", "one.py:1")}
    opened.find_element("xpath", boxes["app.py:2"]).click()
    assert "0 modules of" in total(opened)
    opened.find_element("xpath", boxes["one.py:1"]).click()
    assert "1 module of" in total(opened)
    assert opened.switch_to.active_element.get_attribute("aria-label") == "Without one.py:1"
    opened.find_element("id", "search").send_keys("colorsys")
    assert text(opened, "#list-title") == "0 matches"
    opened.find_element("id", "reset").click()
    assert text(opened, "#list-title") == "1 match"
    opened.find_element("css selector", "#steps input[aria-label^='Without step']").click()
    assert total(opened).startswith("With 2 cuts: ")


def test_all_importers_are_listed_and_what_still_loads_a_module_after_a_cut(page):
    opened = page(PLANNED)
    opened.execute_script("page.select(page.start.byName.get('colorsys'), true)")
    assert text(opened, "#importers-title") == "Imported by 2"
    assert [row.split()[:2] for row in rows(opened, "importers")] == [["__main__", "app.py:2"], ["one", "one.py:1"]]
    opened.find_elements("css selector", "#importers input")[0].click()
    assert text(opened, "#importers-title") == "Imported by 2, and still loaded by 1"
    assert text(opened, "#chain").split("\n")[-1] == "colorsys one.py:1"
    opened.find_elements("css selector", "#importers input")[1].click()
    assert "no longer loaded" in text(opened, "#facts")


def test_taking_a_module_away_is_a_cut_too(page):
    opened = page(PLANNED)
    opened.execute_script("page.select(page.start.byName.get('one'), true)")
    opened.find_element("id", "without").click()
    assert "Saved:" in total(opened)
    assert "1 module of" in total(opened)
    assert text(opened, "#other-cuts").startswith("Also cut: one")


SHARED = {
    "app.py": "import one\nimport two",
    "one.py": "import shared\nimport alone",
    "two.py": "import shared",
    "shared.py": "import decimal",
    "alone.py": "import wave",
}


def test_the_width_can_be_what_hangs_on_a_module_alone(page):
    opened = page(SHARED)
    of = "return page.nodes[page.start.byName.get(arguments[0])].parent"
    one = opened.execute_script("return page.start.byName.get('one')")
    assert opened.execute_script(of, "shared") == one
    opened.execute_script("byId('width').value = 'saving'; byId('width').dispatchEvent(new Event('change'))")
    assert opened.execute_script(of, "shared") == 0
    assert opened.execute_script(of, "alone") == one
    assert "Width is what the start would not load without a module." in text(opened, "#summary")


def test_what_a_module_saves_is_what_the_analysis_says(page, tmp_path, run):
    from importguard import Kind, analyse, find_project

    files = {**SHARED, "pkg/__init__.py": "from pkg import inner\nimport json", "pkg/inner.py": "import calendar"}
    files["two.py"] = "import shared\ndef f():\n    import pkg.inner\nf()"
    opened = page(files)
    graph = analyse(find_project(tmp_path).start_of(Kind.SCRIPT, str(tmp_path / "app.py"))).graph
    number = "(one) => [one.name, page.savings().number[one.index]]"
    found = opened.execute_script(f"return page.start.modules.slice(1).map({number})")
    assert len(found) > 30
    assert dict(found) == {name: len(graph.exclusive_to(name)) for name, _ in found}


def test_a_deep_module_is_drawn_with_its_ancestors_folded(page):
    files = {f"m{number}.py": f"import m{number + 1}" for number in range(1, 60)} | {"m60.py": "import wave"}
    opened = page({"app.py": "import m1", **files})
    opened.execute_script("page.select(page.start.byName.get('m50'), true)")
    drawn = opened.execute_script("return picture.boxes.map((box) => page.nodes[box.index].name)")
    assert {"__main__", "m49", "m50", "m60"} <= set(drawn)
    assert "m20" not in drawn
    opened.execute_script("page.select(0, true)")
    assert "There are more levels" in text(opened, "#deeper")


def test_a_place_on_the_page_has_an_address_and_back_returns(page):
    opened = page(PLANNED)
    opened.find_element("xpath", "//table[@id='list']//button[text()='one']").click()
    assert "module=one" in opened.current_url
    opened.execute_script("page.select(page.start.byName.get('colorsys'), true)")
    opened.find_element("xpath", "//table[@id='importers']//input[@aria-label='Without one.py:1']").click()
    assert "cut=one%3A1" in opened.current_url
    address = opened.current_url
    for _ in range(3):
        opened.back()
    assert text(opened, "#name") == "__main__"
    assert total(opened) == ""
    opened.get("about:blank")
    opened.get(address)
    assert (text(opened, "#name"), total(opened).startswith("With 1 cut: ")) == ("colorsys", True)


def test_keys_zoom_out_and_search_and_what_is_chosen_stays_in_the_picture(page):
    from selenium.webdriver import Keys

    opened = page()
    opened.execute_script("page.select(page.start.byName.get('two'), true)")
    canvas = opened.find_element("css selector", "canvas")
    canvas.send_keys(Keys.ARROW_UP)
    assert text(opened, "#name") == "one"
    assert opened.execute_script("return page.nodes[page.focus].name") == "one"  # what is chosen is in the picture
    canvas.send_keys(Keys.ESCAPE)
    assert text(opened, "#name") == "__main__"
    canvas.send_keys(Keys.HOME)
    assert text(opened, "#name") == "__main__"
    canvas.send_keys("/")
    opened.switch_to.active_element.send_keys("json", Keys.ENTER)
    assert text(opened, "#name").startswith("json")
    opened.find_element("xpath", "//ol[@id='chain']//button[text()='one']").click()
    assert opened.switch_to.active_element.get_attribute("id") == "name"


def test_an_expression_finds_and_says_how_many_are_not_drawn(page):
    opened = page()
    search = opened.find_element("id", "search")
    search.send_keys("/^(one|two)$/")
    assert text(opened, "#hits").startswith("2 matches")
    search.clear()
    search.send_keys("/(/")
    assert text(opened, "#hits") == "This is no regular expression."


def test_packages_have_totals_and_all_modules_can_be_sorted(page):
    opened = page(SHARED)
    packages = rows(opened, "packages")
    assert packages[0].startswith("standard library ")
    opened.find_element("xpath", "//table[@id='modules']//button[text()='Module']").click()
    first = rows(opened, "modules")[0]
    assert first.split()[0] == "__future__" or first < "b"
    csv = opened.execute_script("return asCsv(page)").splitlines()
    assert csv[0] == "module,package,own_us,first_to_load_us,saved_us"
    assert any(line.startswith('"shared","shared",') for line in csv)


def test_what_is_not_in_the_picture_is_below_it(page):
    opened = page({"app.py": "try: import not_there_x\nexcept ImportError: pass\ndef f(): _require_warmed('wave')\n"})
    beside = text(opened, "#beside")
    assert "Not found: 1" in beside
    assert "Warmed in the background: " in beside
    opened.find_element("css selector", "#beside summary").click()
    assert "not_there_x app.py:1" in text(opened, "#beside")


def test_the_page_says_of_what_and_when_it_is(page):
    from importlib.metadata import version

    opened = page()
    assert opened.title == "app.py: startup imports"
    assert f"importguard {version('importguard')}, 20" in text(opened, "#origin")


def contrast(one, other):
    def light(colour):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_readable_on_everything_that_it_is_drawn_on(page, theme):
    opened = page()
    features = [{"name": "prefers-color-scheme", "value": theme}]
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    of = "return getComputedStyle(document.documentElement).getPropertyValue(arguments[0]).trim()"
    colour = {
        name: opened.execute_script(of, f"--{name}")
        for name in "page card ink soft accent dim first-party third-party stdlib builtin came went same on-bar".split()
    }
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    colour["on-bar"] = "#ffffff"
    bars = ["first-party", "third-party", "stdlib", "builtin", "came", "same"]
    pairs = [("on-bar", bar) for bar in bars] + [("ink", "dim")]
    pairs += [(ink, ground) for ink in ("ink", "soft", "accent") for ground in ("page", "card")]
    assert {
        pair: contrast(colour[pair[0]], colour[pair[1]])
        for pair in pairs
        if contrast(colour[pair[0]], colour[pair[1]]) < 4.5
    } == {}
    assert [one for one in opened.execute_script("return palette") if contrast(one, "#ffffff") < 4.5] == []


def test_it_prints_on_white_with_the_picture_and_without_what_cannot_be_clicked(page):
    import base64

    opened = page()
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    hidden = opened.execute_script("return getComputedStyle(byId('search')).display")
    ground = opened.execute_script("return getComputedStyle(document.body).backgroundColor")
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert (hidden, ground) == ("none", "rgb(255, 255, 255)")
    assert base64.b64decode(opened.print_page()).startswith(b"%PDF")


def test_two_starts_of_a_page_are_compared(browser, run, write, tmp_path):
    from selenium.webdriver.support.ui import Select

    write(
        {**PROGRAM, "importguard.toml": '[[entry]]\nscript = "app.py"\n[[entry]]\nname = "second"\nscript = "two.py"'}
    )
    (tmp_path / "startup.html").write_text(run("graph", "--format", "html").stdout)
    browser.get((tmp_path / "startup.html").as_uri())
    Select(browser.find_element("id", "against")).select_by_visible_text("second")
    assert "calendar" in text(browser, "#came")
    assert text(browser, "#changes-title").startswith("Against second: +")
    assert browser.get_log("browser") == []


def test_names_cannot_become_markup(page):
    name = "</script><img src=x onerror=alert(1)>"
    opened = page({"app.py": f"__import__({name!r}[9:])", f"{name[9:]}.py": ""})
    assert text(opened, "h1") == "What app.py loads at startup"
    assert opened.find_elements("css selector", "img") == []


def test_the_page_of_a_large_start_is_usable(page):
    names = [f"module_{index:04}" for index in range(3000)]
    files = {f"{name}.py": "" for name in names} | {"app.py": "import " + ", ".join(names)}
    opened = page(files)
    opened.find_element("id", "search").send_keys("module_2999")
    opened.find_element("xpath", "//table[@id='list']//button").click()
    assert text(opened, "#name") == "module_2999"
    opened.find_element("id", "search").clear()
    opened.execute_script("byId('width').value = 'saving'; byId('width').dispatchEvent(new Event('change'))")
    assert opened.execute_script("return page.savings().number[page.start.byName.get('module_0001')]") == 1
    assert opened.execute_script("return page.savings().number[0]") == len(names) + 1


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
