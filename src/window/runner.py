"""How hello_imgui runs the window: its parameters, and the layout that it reads."""

from __future__ import annotations

import contextlib
import os

from imgui_bundle import hello_imgui, imgui

from src.window import layout_file

# While nothing happens; input and `request_refresh` wake the window at once. A software renderer takes 20 ms a frame.
IDLE_FPS = 2.0
LAYOUT = "sloppy.ini"


def make_params() -> hello_imgui.RunnerParams:
    """The window without its panels and callbacks: size, layout file, renderer, idling, bars."""
    params = hello_imgui.RunnerParams()
    params.app_window_params.window_title = "Sloppy"
    params.app_window_params.window_geometry.size = (1280, 800)
    params.app_window_params.restore_previous_geometry = True
    params.ini_folder_type = hello_imgui.IniFolderType.app_user_config_folder
    params.ini_filename = LAYOUT
    if not os.path.isabs(hello_imgui.ini_folder_location(params.ini_folder_type)):
        # An empty XDG_CONFIG_HOME is the current folder for hello_imgui, and is as none by its specification.
        params.ini_folder_type = hello_imgui.IniFolderType.absolute_path
        params.ini_filename = os.path.expanduser(os.path.join("~", ".config", LAYOUT))
        with contextlib.suppress(OSError):  # else the layout is not kept; everything else says why
            os.makedirs(os.path.dirname(params.ini_filename), exist_ok=True)
    # The window's own antialiasing costs a software renderer 60 ms a frame; imgui smooths its edges itself.
    params.renderer_backend_options.open_gl_options = hello_imgui.OpenGlOptions()
    params.renderer_backend_options.open_gl_options.anti_aliasing_samples = 0
    params.fps_idling.fps_idle = IDLE_FPS
    window = params.imgui_window_params
    window.default_imgui_window_type = hello_imgui.DefaultImGuiWindowType.provide_full_screen_dock_space
    window.show_menu_bar = window.show_status_bar = True
    window.show_status_fps = window.show_menu_app = window.show_menu_view = window.remember_theme = False
    params.callbacks.default_icon_font = hello_imgui.DefaultIconFont.font_awesome6
    params.callbacks.setup_imgui_config = set_up_keyboard
    return params


def set_up_keyboard() -> None:
    """Docking, and every widget within reach of the keyboard; the callback of hello_imgui for that."""
    imgui.get_io().config_flags |= imgui.ConfigFlags_.docking_enable | imgui.ConfigFlags_.nav_enable_keyboard


def mend_layout(params: hello_imgui.RunnerParams) -> str:
    """Renames a damaged layout before it is read; the sentence that says so, empty when nothing is wrong."""
    folder = hello_imgui.ini_folder_location(params.ini_folder_type)
    return layout_file.mend(os.path.join(folder, params.ini_filename))
