"""A damaged layout is kept aside, told, and the window opens all the same."""

import os

import pytest
from imgui_bundle import hello_imgui
from src.window import layout_file
from tests.window_driver import Gui

WHOLE = """;;; !!! This configuration is handled by HelloImGui
           ;;;<<<INI_NAME>>>;;;

;;;<<<ImGui_655921752_Default>>>;;;
[Window][Chat]
Pos=0,23
[Docking][Data]
DockSpace   ID=0xAFC85805 Window=0x079D3A04 Pos=0,23 Size=1280,745 Split=X
;;;<<<SplitIds>>>;;;
{"gImGuiSplitIDs":{"MainDockSpace":2949142533,"SideSpace":2}}
"""


@pytest.mark.parametrize(
    ("data", "damage"),
    [
        (WHOLE.encode(), ""),
        (b"", ""),
        (WHOLE.encode()[:-20], "its end is missing"),
        (b"\x00\xff\xfe" * 100, "it is no text"),
        (b";;;<<<ImGui_1_Default>>>;;;\n[Window][Chat]\nPos\n", "line 3 is no setting"),
        (b";;;<<<look>>>;;;\ndark 1.000\n", ""),
        (b"a=1\n" * 300_000, "it has more than 1,000,000 bytes"),
    ],
)
def test_damage_is_named(data, damage):
    assert layout_file.find_damage(data) == damage


def test_a_file_that_is_not_there_is_no_damage(tmp_path):
    assert layout_file.mend(str(tmp_path / "none.ini")) == ""


def test_the_window_opens_with_the_default_layout_and_says_so(make_controller, tmp_path, monkeypatch):
    damaged = WHOLE.encode()[:-20]
    (tmp_path / "sloppy.ini").write_bytes(damaged)
    monkeypatch.setattr(hello_imgui, "ini_folder_location", lambda _kind: str(tmp_path))
    controller = make_controller()
    gui = Gui(controller)
    params = gui.build_params()
    gui.mend_layout(params)
    (aside,) = tmp_path.glob("sloppy.ini.bad-*")
    assert aside.read_bytes() == damaged
    assert not (tmp_path / "sloppy.ini").exists()
    told = [toast.text for toast in controller.toasts.snapshot() if "layout" in toast.text]
    assert told == [
        f"The layout in {tmp_path / 'sloppy.ini'} was damaged (its end is missing) and is kept as {aside}; "
        "the panels are where they were at first."
    ]


def test_an_empty_configuration_home_is_as_none(make_controller, tmp_path, monkeypatch):
    """hello_imgui takes the current folder for it."""
    monkeypatch.setenv("XDG_CONFIG_HOME", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    params = Gui(make_controller()).build_params()
    folder = hello_imgui.ini_folder_location(params.ini_folder_type)
    assert os.path.join(folder, params.ini_filename) == str(tmp_path / ".config" / "sloppy.ini")
    assert (tmp_path / ".config").is_dir()
