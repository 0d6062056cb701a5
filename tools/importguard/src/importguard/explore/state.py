"""What the page shows, worked out again after each save. Thread-safe; knows nothing of HTTP.

**Guarantees**
- One round at a time; whoever asks meanwhile gets the round before.
- When a round fails, the last one that did not stays, and `problem` says why it is old.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterable
from threading import Condition, Lock
from typing import Any

from importguard.analysis import Analysis
from importguard.compare import graph_since
from importguard.errors import ConfigError, ImportGuardError
from importguard.plan import build
from importguard.printable import plain
from importguard.render.html import page_data, render_page, start_data
from importguard.render.target import looked_at
from importguard.rules.subject import policy
from importguard.session import Session
from importguard.storage.git import head_of
from importguard.target.environment import probe_of


class State:
    """The rounds of one project. *judge* works its starts out anew. Raises as it does when the first round fails."""

    def __init__(self, judge: Callable[[], tuple[tuple[Analysis, ...], Session]]) -> None:
        self._judge = judge
        self._changed = Condition()  # guards what follows
        self._version = 0
        self._event = ""
        self._problem = ""
        self._one_by_one = Lock()  # guards the analysis, of now or of a revision
        self._analyses, self._session = judge()

    def page(self) -> str:
        """The page with the last round."""
        return render_page(self._analyses, self._commit(), live=True)

    def data(self) -> dict[str, Any]:
        """The last round."""
        return page_data(self._analyses, self._commit())

    def _commit(self) -> str:
        return head_of(self._analyses[0].project.root)

    def follow(self, changes: Iterable[object]) -> None:
        """Works the starts out again after each of *changes*."""
        gc.enable()  # the command line has switched it off, for one run
        for _ in changes:
            self._tell("working", "")
            try:
                with self._one_by_one:
                    probe_of.cache_clear()
                    self._analyses, self._session = self._judge()
            except ImportGuardError as error:
                self._tell("problem", plain(str(error)))
            else:
                self._tell("data", "")

    def _tell(self, event: str, problem: str) -> None:
        with self._changed:
            self._version += 1
            self._event, self._problem = event, problem
            self._changed.notify_all()

    def close(self) -> None:
        """Whoever waits for news stops."""
        with self._changed:
            self._version, self._event = -1, ""
            self._changed.notify_all()

    def news(self, known: int, seconds: float) -> tuple[int, str, str]:
        """What came after the round *known*: its number, `data`, `problem` or `working`, and a sentence.

        Waits for it; an empty event when nothing comes within *seconds*, the number -1 at the end.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._version != known, seconds)
            if self._version == known:
                return known, "", ""
            return self._version, self._event, json.dumps(self._problem)

    @property
    def version(self) -> int:
        """The number of the last round."""
        with self._changed:
            return self._version

    def at(self, revision: str, entry: str) -> dict[str, Any]:
        """The start *entry* as it was at *revision*, for the page. Raises ImportGuardError."""
        analysis = next((one for one in self._analyses if one.name == entry), None)
        if analysis is None:
            raise ConfigError(entry, "", "no such start")
        with self._one_by_one:
            graph, commit = graph_since(analysis.start, revision, self._session)
        if graph is None:
            raise ConfigError(entry, "", f"there was no such start at {revision}")
        looked = f"{' '.join(looked_at([analysis]))} The files are those of commit {commit[:9]}."
        found = start_data(graph, entry, analysis.project, build(graph, policy(analysis.start.config)), looked)
        return {**found, "label": f"{entry} at {revision}", "revision": revision}
