"""An agreement to a command holds as long as the project's own files that it names stay as they are."""

import os
import sys

import pytest
from src.mcp_servers.named_files import changed, digests
from src.project.servers import Server
from tests.mcp_servers.programs import HERE
from tests.mcp_servers.test_servers import agreed, opened, reached, state_of

__all__ = ["opened"]


@pytest.fixture
def folder(tmp_path):
    for name in ("server.py", "run", "tool/__main__.py", "tool/other.py", "pkg/sub.py", "conf.json"):
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "outside.py").write_text("x")
    return tmp_path / "project"


@pytest.mark.parametrize(
    ("command", "named"),
    [
        (("python", "server.py"), ["server.py"]),
        (("python", "./server.py", "--port", "1"), ["server.py"]),
        (("./run",), ["run"]),
        (("python", "tool"), ["tool/__main__.py"]),
        (("python", "-m", "pkg.sub"), ["pkg/sub.py"]),
        (("python", "-m", "tool"), ["tool/__main__.py"]),
        (("run-it", "--config=conf.json", "server.py"), ["conf.json", "server.py"]),
        (("uvx", "mcp-server-time"), []),
        (("python", "../outside.py"), []),
        (("python", "/usr/bin/env", "\0", "", "-m"), []),
        (("python", "-m", "..."), []),
    ],
)
def test_the_files_that_a_command_names(folder, command, named):
    assert sorted(digests(command, str(folder))) == named


def test_a_file_is_named_by_its_whole_path_too_and_through_a_link(folder, tmp_path):
    link = folder / "linked.py"
    link.symlink_to(tmp_path / "outside.py")
    before = digests(("python", str(folder / "server.py"), "linked.py"), str(folder))
    assert sorted(before) == ["linked.py", "server.py"]
    (tmp_path / "outside.py").write_text("y")
    assert changed(before, digests(("python", "server.py", "linked.py"), str(folder))) == ("linked.py",)


def test_a_file_that_changes_comes_or_goes_is_said(folder):
    command = ("python", "server.py", "conf.json", "late.py")
    before = digests(command, str(folder))
    (folder / "server.py").write_text("other")
    (folder / "late.py").write_text("")
    (folder / "conf.json").unlink()
    assert changed(before, digests(command, str(folder))) == ("conf.json", "late.py", "server.py")
    assert changed(before, before) == ()


def test_a_pipe_is_not_waited_for(folder):
    os.mkfifo(folder / "pipe")
    assert digests(("cat", "pipe"), str(folder)) == {}


@pytest.fixture
def project(opened, tmp_path):
    """A controller whose project names a server of its own code, and that file."""
    (tmp_path / "work").mkdir()
    file = tmp_path / "work" / "server.py"
    file.write_text((HERE / "sdk_server.py").read_text())
    return opened(Server("calc", (sys.executable, "server.py"))), file


def test_a_server_whose_code_has_changed_is_not_started_until_it_is_agreed_to_again(project):
    controller, file = project
    assert state_of(controller, "calc").files == ("server.py",)
    agreed(controller, "calc")
    controller.servers.switch_tool("calc__add", True)
    controller.servers.stop("calc")
    mark = file.with_name("mark")
    file.write_text(f"open({str(mark)!r}, 'w')\n" + file.read_text())
    controller.servers.start("calc")
    state = reached(controller, "calc", "unknown")
    assert state.reason == "server.py has changed since you agreed: agree again in Approvals."
    with pytest.raises(ValueError, match="not agreed to on this machine"):
        controller.servers.start("calc")
    assert not mark.exists()
    assert controller.missing_tools() == ("calc__add",)
    agreed(controller, "calc")
    assert mark.exists()
    assert controller.missing_tools() == ()  # what was agreed to of its tools holds: they are as they were


def test_the_change_is_seen_by_another_run_too(project, opened, make_controller):
    controller, file = project
    agreed(controller, "calc")
    controller.servers.stop("calc")
    file.write_text(file.read_text() + "\n# changed\n")
    controller.project.close().result(10)
    controller.project.open(str(file.parent)).result(10)
    controller.servers.start("calc")
    assert "server.py has changed" in reached(controller, "calc", "unknown").reason
