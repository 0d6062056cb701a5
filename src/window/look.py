"""How the window looks now: the theme in use or previewed, the font scale, the effects. Changes imgui's style only."""

from __future__ import annotations

from imgui_bundle import hello_imgui

from src import theme_2, theme_nerv
from src.storage.settings import Settings
from src.window import fonts

SCALES = (0.6, 3.0)
REMEMBERED = "look"


def themes() -> tuple[theme_2.Theme, ...]:
    """All themes, as their modules have them now."""
    return (*theme_2.THEMES, theme_nerv.NERV)


def find_theme(name: str) -> theme_2.Theme:
    """The theme called *name*; the dark one when there is none."""
    return next((one for one in themes() if one.name == name), theme_2.DARK)


class Look:
    """What is chosen, and what is shown while it is only previewed."""

    def __init__(self) -> None:
        self.theme = theme_2.DARK.name
        self.font_scale = 1.0
        self.reduced_motion = False
        self._followed: Settings | None = None
        self._previewed = ""
        self._applied: tuple[str, float] = ("", 0.0)

    @property
    def themes(self) -> tuple[theme_2.Theme, ...]:
        """The themes to choose from."""
        return themes()

    @property
    def has_effects(self) -> bool:
        """Scan lines and flashes are wanted."""
        return theme_2.current().is_technical and not self.reduced_motion

    def preview(self, name: str) -> None:
        """Shows another theme until `end_preview`."""
        self._previewed = name

    def end_preview(self) -> None:
        """Shows the chosen theme again."""
        self._previewed = ""

    def follow(self, settings: Settings) -> None:
        """Takes over what the settings say; cheap when they have not changed."""
        if settings is self._followed:
            return
        is_first, self._followed = self._followed is None, settings
        if is_first and settings == Settings():
            return  # not read yet: what was remembered with the layout holds until they are
        self.choose(settings.theme, settings.font_scale, settings.reduced_motion)
        self.remember()

    def limit(self, font_scale: float) -> float:
        """*font_scale*, a factor, or the nearest that can be read and fits on a screen."""
        return min(max(font_scale, SCALES[0]), SCALES[1])

    def choose(self, theme: str, font_scale: float, reduced_motion: bool) -> None:
        """What the user wants from now on."""
        self.theme, self.font_scale = theme, self.limit(font_scale)
        self.reduced_motion = reduced_motion or hello_imgui.prefers_reduced_motion()

    def apply(self) -> None:
        """Brings imgui's style up to date; between frames, and cheap when nothing changed."""
        wanted = (self._previewed or self.theme, self.font_scale)
        if wanted == self._applied:
            return
        self._applied = wanted
        theme = find_theme(wanted[0])
        theme_2.apply(theme, self.font_scale)
        fonts.use(technical=theme.is_technical)

    def forget(self) -> None:
        """Lets the next `apply` set everything again."""
        self._applied = ("", 0.0)

    def recall(self) -> None:
        """What was remembered with the layout, for the first frame: the settings themselves are read later."""
        name, _, scale = hello_imgui.load_user_pref(REMEMBERED).partition(" ")
        try:
            self.choose(find_theme(name).name, float(scale or 1.0), self.reduced_motion)
        except ValueError:
            self.choose(theme_2.DARK.name, 1.0, self.reduced_motion)

    def remember(self) -> None:
        """Keeps it with the layout."""
        hello_imgui.save_user_pref(REMEMBERED, f"{self.theme} {self.font_scale:.3f}")
