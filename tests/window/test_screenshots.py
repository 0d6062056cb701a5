"""The real window on a display: its pictures against small committed ones, theme by theme, and at twice the size.

References are 160 x 100 in grey (`references`), so that another font rasteriser or clock is no difference and a
missing panel or a wrong theme is. `SLOPPY_UPDATE_REFERENCES=1` writes them anew: look at the pictures then.
"""

import os
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat
from src.window.look import find_theme
from tests import scenes
from tests.panels.test_panels import PROJECT
from tests.window_driver import Gui, run_steps

REFERENCES = Path(__file__).parent / "references"
SMALL = (160, 100)
TOLERATED = 6.0  # mean difference of 255 grey levels


@pytest.fixture(scope="module")
def pictures(a_display, tmp_path_factory):
    """Every scene as a picture, by name; all of one window."""
    from src.app_controller import AppController
    from src.startup_profiler import StartupProfiler
    from src.storage.places import Places

    from importguard.warmup import WarmupManifest

    home = tmp_path_factory.mktemp("home")
    places = Places(*(str(home / name) for name in ("config", "data", "cache")))
    controller = AppController(WarmupManifest(1, "test", PROJECT), StartupProfiler(), places=places)
    assert controller.wait_for_warmup(60)

    def steps(context, gui):
        context.yield_(5)
        scenes.clear_notices(controller)
        scenes.capture(context, home / "first.png")
        scenes.make_project(controller, home / "orbit")
        scenes.talk(controller)
        gui.made["Context"].opened = {"orbit"}
        controller.composer.set_text("Show me the change to orbit/sky.py as a diff.")
        context.yield_(5)
        scenes.clear_notices(controller)
        for name in scenes.SCENES:
            scenes.show(context, gui, name)
            scenes.capture(context, home / f"{name}.png")

    try:
        run_steps(Gui(controller), steps, display=True)
    finally:
        controller.close(10)
    return {name: Image.open(home / f"{name}.png").convert("RGB") for name in ("first", *scenes.SCENES)}


def small(picture):
    return picture.convert("L").resize(SMALL, Image.Resampling.BOX)


# The start's own times are in these: what they show depends on the machine.
@pytest.mark.parametrize("name", [name for name in ("first", *scenes.SCENES) if name not in ("startup", "nerv")])
def test_the_window_looks_as_it_did(pictures, name):
    reference = REFERENCES / f"{name}.png"
    if os.environ.get("SLOPPY_UPDATE_REFERENCES"):
        REFERENCES.mkdir(exist_ok=True)
        small(pictures[name]).save(reference, optimize=True)
    with Image.open(reference) as expected:
        difference = ImageStat.Stat(ImageChops.difference(small(pictures[name]), expected.convert("L"))).mean[0]
    assert difference <= TOLERATED


@pytest.mark.parametrize("name", [name for name in scenes.SCENES if name != "palette"])
def test_the_ground_has_the_colour_of_the_theme(pictures, name):
    wanted = find_theme(scenes.SCENES[name][0]).palette.panel
    counted = pictures[name].getcolors(1_000_000)
    most = max(counted)[1]
    assert max(abs(most[part] - (wanted >> shift & 255)) for part, shift in enumerate((16, 8, 0))) <= 8


@pytest.mark.parametrize("name", ["window", "light", "high_contrast", "large"])
def test_no_part_of_the_window_is_empty(pictures, name):
    """Every panel shows something: text or a control, so its pixels vary."""
    picture = pictures[name].convert("L")
    width, height = picture.size
    for left, top, right, bottom in (
        (0, 0.06, 0.22, 0.9),
        (0.24, 0.06, 0.7, 0.65),
        (0.24, 0.72, 0.7, 0.95),
        (0.72, 0.06, 1, 0.5),
    ):
        part = picture.crop((int(left * width), int(top * height), int(right * width), int(bottom * height)))
        assert ImageStat.Stat(part).stddev[0] > 5
