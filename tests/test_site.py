"""The site of docs/: built strictly, then opened, searched and switched to dark in a real Chromium."""

from __future__ import annotations

import functools
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
import tomllib

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from tests.repository import ROOT

from importguard.errors import HOME

WAIT_S = 30
SHADOWS = "return [...document.querySelectorAll('*')].map(one => one.shadowRoot?.textContent || '').join('')"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder that the strict build has written."""
    folder = tmp_path_factory.mktemp("site")
    for name in ("docs", "tools/importguard/src"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("zensical.toml", "CHANGELOG.md"):
        shutil.copy(ROOT / name, folder)
    command = [sys.executable, "-m", "zensical", "build", "--strict"]
    plain = {**os.environ, "NO_COLOR": "1"}
    built = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=200, env=plain)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder / "build" / "site"


def test_every_page_is_in_the_navigation_and_on_the_site(site):
    listed = set(re.findall(r'"([\w/]+\.md)"', (ROOT / "zensical.toml").read_text()))
    written = {page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")}
    assert {page for page in written - listed if not page.startswith("decisions/")} == set()
    pages = [
        site / (page.removesuffix("index.md") or ".") if page.endswith("index.md") else site / page[:-3]
        for page in listed
    ]
    assert [page for page in pages if not (page / "index.html").is_file()] == []


def test_the_address_of_the_site_is_the_one_constant():
    stated = tomllib.loads((ROOT / "zensical.toml").read_text())["project"].get("site_url", "")
    assert stated == HOME


def test_the_reference_has_the_signatures_of_the_runtime(site):
    page = (site / "reference" / "warmup" / "index.html").read_text()
    assert all(name in page for name in ("require_warmed", "WarmupStatus", "NotWarmedError", "promote"))


@pytest.fixture(scope="module")
def address(site):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        assert not os.environ.get("CHROMIUM_REQUIRED"), "no chromium and chromedriver: apt-get install chromium-driver"
        pytest.skip("no chromium and chromedriver on PATH")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1300,900"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    home = {**os.environ, "HOME": str(tmp_path_factory.mktemp("home")), "NO_PROXY": "127.0.0.1"}
    opened = webdriver.Chrome(options, webdriver.ChromeService(driver, env=home))
    yield opened
    opened.quit()


def requested(browser):
    names = browser.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)")
    return [name for name in names if not name.startswith(("data:", "blob:"))]


def test_a_page_asks_nobody_else_and_shows_its_pictures(browser, address):
    for path in ("/", "/sloppy/", "/rules/ig101/", "/reference/commands/"):
        browser.get(address + path)
        assert [name for name in requested(browser) if not name.startswith(address)] == []
        script = "return [...document.images].filter(one => one.complete && !one.naturalWidth).map(one => one.src)"
        assert browser.execute_script(script) == []
    assert [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_the_search_finds_a_rule(browser, address):
    browser.get(f"{address}/")
    browser.find_element(By.TAG_NAME, "body").send_keys("/")
    wait = WebDriverWait(browser, WAIT_S)
    wait.until(lambda opened: opened.execute_script(SHADOWS))
    wait.until(lambda opened: opened.switch_to.active_element.tag_name != "body")
    browser.switch_to.active_element.send_keys("Raw thread in governed code")
    assert wait.until(lambda opened: "IG401: Raw threading.Thread" in opened.execute_script(SHADOWS))
    assert [name for name in requested(browser) if not name.startswith(address)] == []


def test_it_is_light_and_dark(browser, address):
    browser.get(f"{address}/")
    background = "return getComputedStyle(document.body).backgroundColor"
    first = browser.execute_script(background)
    (switch,) = [one for one in browser.find_elements(By.CSS_SELECTOR, "label[for^=__palette]") if one.is_displayed()]
    switch.click()
    WebDriverWait(browser, WAIT_S).until(lambda opened: opened.execute_script(background) != first)
    brightness = [
        sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in (first, browser.execute_script(background))
    ]
    assert sorted(value > 380 for value in brightness) == [False, True]
