"""A browser of Python files in the terminal: the list is there at once, the colours of the first file follow."""

import sys
import threading
from pathlib import Path

from textual.app import App, ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Footer, Label, OptionList, Static

from importguard import warmup

MANIFEST = Path(__file__).with_name("warmup_manifest.json")
FOLDER = Path(__file__).parent
LOOK_S = 0.03


def _require_warmed(name: str):
    return warmup.require_warmed(name)


class Browser(App[None]):
    """Everything here runs on the main thread and imports nothing heavy."""

    CSS = "OptionList { width: 24; }"

    def __init__(self) -> None:
        super().__init__()
        self.on_screen = threading.Event()
        self.warmup = warmup.Warmup(MANIFEST)  # on daemon threads of its own: the program can always end
        warmup.install(self.warmup)
        self.warmup.start(after=self.on_screen)
        self.shown = ""

    def compose(self) -> ComposeResult:
        """The list, the file, the status line."""
        with Horizontal():
            yield OptionList(*sorted(path.name for path in FOLDER.glob("*.py")))
            with VerticalScroll():
                yield Static(id="file")
        yield Label(id="state")
        yield Footer()

    def on_mount(self) -> None:
        """After the first refresh the screen is drawn, and the warmup may begin."""
        self.call_after_refresh(self.on_screen.set)
        self.looking = self.set_interval(LOOK_S, self.look)

    def look(self) -> None:
        """The status line, until all is ready."""
        status = self.warmup.status()
        failed = "; ".join(f"{name}: {reason}" for name, reason in status.failed)
        warming = f"Warming up... ({len(status.completed)}/{status.total})"
        self.query_one("#state", Label).update(failed or "Ready" if status.done else warming)
        if status.done:
            self.looking.stop()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """The file under the cursor."""
        self.show(str(event.option.prompt))

    def show(self, name: str) -> None:
        """Colours the file now, or as soon as the highlighter is warm; never waits."""
        text = (FOLDER / name).read_text(encoding="utf-8")
        try:
            coloured = _require_warmed("highlighter").coloured(text)
        except warmup.NotWarmedError:
            self.set_timer(LOOK_S, lambda: self.show(name))
            coloured = text
        except warmup.WarmupFailedError as error:
            coloured = f"{text}\n({error})"
        else:
            self.shown = name
        self.query_one("#file", Static).update(coloured)
        if self.shown and "--once" in sys.argv:
            self.exit()


if __name__ == "__main__":
    browser = Browser()
    browser.run(headless="--once" in sys.argv)
    if "--once" in sys.argv:
        print(f"Coloured {browser.shown}")
