"""Sloppy's own start with its window on the null backend, in a folder of its own: what `importguard verify` runs."""

import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def main() -> int:
    """Runs Sloppy until its window is closed; its exit code."""
    sys.path[0] = ROOT
    import sloppy
    from src import gui_2
    from src.window import runner
    from tests.null_backend import use_null_backend  # the toolkit itself is what every start loads first

    build = gui_2.Gui.build_params

    def build_params(gui: gui_2.Gui) -> object:
        params = build(gui)
        use_null_backend(params, runner.set_up_keyboard)
        return params

    gui_2.Gui.build_params = build_params  # type: ignore[method-assign,assignment]
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as home:
        os.environ.update(HOME=home, XDG_CONFIG_HOME=home, XDG_DATA_HOME=home)
        return sloppy.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
