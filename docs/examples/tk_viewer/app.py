"""A Markdown viewer that opens at once: the window does not wait for the renderer."""

import sys
import threading
import tkinter
from pathlib import Path

from importguard import warmup

MANIFEST = Path(__file__).with_name("warmup_manifest.json")
TEXT = "# Hello\n\nThe window was there **before** the renderer.\n\n```python\nprint('warm')\n```\n"
LOOK_MS = 30


def _require_warmed(name: str):
    return warmup.require_warmed(name)


class Viewer:
    """The window. Everything here runs on the main thread and imports nothing heavy."""

    def __init__(self) -> None:
        self.warmup = warmup.Warmup(MANIFEST)  # on daemon threads of its own: the window can always be closed
        warmup.install(self.warmup)
        on_screen = threading.Event()
        self.warmup.start(after=on_screen)
        self.root = tkinter.Tk()
        self.root.title("Viewer")
        self.text = tkinter.Text(self.root, width=64, height=14)
        self.text.pack()
        self.state = tkinter.Label(self.root, anchor="w")
        self.state.pack(fill="x")
        self.root.update()  # the first frame
        on_screen.set()
        self.show(TEXT)
        self.look()

    def look(self) -> None:
        """The status line, until all is ready."""
        status = self.warmup.status()
        if status.done:
            self.state["text"] = "; ".join(f"{name}: {reason}" for name, reason in status.failed) or "Ready"
        else:
            self.state["text"] = f"Warming up... ({len(status.completed)}/{status.total})"
            self.root.after(LOOK_MS, self.look)

    def show(self, markdown: str) -> None:
        """Renders *markdown* now, or as soon as the renderer is warm; never waits."""
        try:
            rendered = _require_warmed("renderer").render(markdown)
        except warmup.NotWarmedError:
            self.root.after(LOOK_MS, self.show, markdown)
            return
        except warmup.WarmupFailedError as error:
            rendered = f"{markdown}\n({error})"
        self.text.delete("1.0", "end")
        self.text.insert("1.0", rendered)
        if "--once" in sys.argv:
            print(rendered)
            self.root.after(10 * LOOK_MS, self.root.destroy)


if __name__ == "__main__":
    Viewer().root.mainloop()
