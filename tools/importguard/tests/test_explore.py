"""`importguard explore`: the page served on this machine, in a real headless Chromium, and what its server refuses."""

import http.client
import json
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

FILES = {
    "importguard.toml": 'entry = "app.py"\nheavy = ["colorsys"]\n',
    "app.py": "import one\n",
    "one.py": "import json\n",
}
WHO = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")


@pytest.fixture
def served(tmp_path, write, browser):
    """`served(files)`: the address at which the project of *files* is served."""
    started = []

    def begin(files=FILES):
        root = write(files)
        command = [sys.executable, "-m", "importguard", "explore", "--no-browser"]
        process = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        started.append(process)
        line = process.stdout.readline()
        assert line.startswith("http://127.0.0.1:"), process.stderr.read()
        return line.split()[0]

    yield begin
    browser.get("about:blank")  # else it asks a server that has ended
    browser.get_log("browser")
    for process in started:
        process.terminate()
        assert process.wait(30) == 0
        process.communicate()


def ask(address, path="", host=None):
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    connection.request(
        "GET", path if path.startswith("/") else parts.path + path, headers={"Host": host} if host else {}
    )
    answer = connection.getresponse()
    return answer.status, answer.read().decode(), dict(answer.getheaders())


def until(browser, condition):
    from selenium.webdriver.support.wait import WebDriverWait

    return WebDriverWait(browser, 60).until(condition)


def text(browser, selector):
    return browser.find_element("css selector", selector).text


def test_a_save_changes_the_page_and_shows_what_came_and_went(served, browser, tmp_path):
    browser.get(served())
    assert text(browser, "h1") == "What app.py loads at startup"
    (tmp_path / "one.py").write_text("import colorsys\n")
    until(browser, lambda seen: "colorsys" in text(seen, "#came"))
    assert "json" in text(browser, "#went")
    assert text(browser, "#changes-title").startswith("Against app.py before the last save: \u2212")
    assert "1. colorsys" in text(browser, "#steps")
    (tmp_path / "app.py").write_text("import (\n")
    until(browser, lambda seen: "Of an earlier state" in text(seen, "#news"))
    assert "app.py:1" in text(browser, "#news")
    (tmp_path / "app.py").write_text("")
    until(browser, lambda seen: "colorsys" in text(seen, "#went"))
    assert [one["message"] for one in browser.get_log("browser")] == []


def test_a_revision_is_compared_with(served, browser, write, tmp_path):
    root = write(FILES)
    for command in (("init", "-q"), ("add", "."), (*WHO, "commit", "-qm", "first"), ("tag", "v1")):
        subprocess.run(["git", *command], cwd=root, check=True, timeout=240)
    address = served({**FILES, "one.py": "import colorsys\n"})
    browser.get(address)
    browser.find_element("id", "revision").send_keys("v1\n")
    until(browser, lambda seen: "colorsys" in text(seen, "#came"))
    assert text(browser, "#changes-title").startswith("Against app.py at v1")
    browser.find_element("id", "revision").clear()
    browser.find_element("id", "revision").send_keys("v9\n")
    until(browser, lambda seen: "v9" in text(seen, "#news"))
    status, said, _ = ask(address, "at?revision=--help&entry=app.py")
    assert (status, "Traceback" in said) == (400, False)
    browser.get_log("browser")  # it notes the answer 400


def test_only_this_machine_and_who_knows_the_address_gets_an_answer(served):
    address = served()
    status, page, headers = ask(address)
    assert (status, "What" in page or "title" in page, headers["Cache-Control"]) == (200, True, "no-store")
    assert ask(address, host="evil.example.org")[0] == 403
    assert ask(address, "/")[0] == 404
    assert ask(address, "/guess/data.json")[0] == 404
    assert ask(address, "../../etc/passwd")[0] == 404
    status, data, _ = ask(address, "data.json")
    assert json.loads(data)["starts"][0]["entry"] == "app.py"
    assert ask(address, "at?revision=main&entry=other")[0] == 400


def test_a_project_that_cannot_be_worked_out_is_not_served(run, write):
    write({"importguard.toml": "entry = 3"})
    result = run("explore", "--no-browser")
    assert (result.returncode, "`entry`" in result.stderr) == (2, True)
