"""The user's folders: reads what they hold when Sloppy starts, and chooses where discussions are written.

Guarantees
- `set_up` touches the disk and runs on the pool. `_lock` guards the places.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

from src import project_manager
from src.ai_client import Providers
from src.discussion.live import LiveDiscussion
from src.project.file import Project
from src.project_manager import ProjectManager
from src.storage import places
from src.storage.places import Places
from src.storage.settings import LiveSettings


class UserFolders:
    """Where the user's files are. *given* replaces the user's own folders, for tests and other programs."""

    def __init__(
        self, given: Places | None, settings: LiveSettings, providers: Providers, discussion: LiveDiscussion
    ) -> None:
        self._given = given
        self._settings = settings
        self._providers = providers
        self._discussion = discussion
        self._lock = threading.Lock()
        self._places = given
        self._ready = threading.Event()

    @property
    def discussions(self) -> str:
        """The folder of discussions without a project; empty until it is known."""
        found = self._found()
        return found.discussions if found is not None else ""

    @property
    def cache(self) -> str:
        """The folder of what can be fetched again; empty until it is known."""
        found = self._found()
        return found.cache if found is not None else ""

    @property
    def allowed_commands(self) -> str:
        """The file of the commands that run without a question; empty until it is known."""
        found = self._found()
        return os.path.join(found.data, "allowed_commands.json") if found is not None else ""

    @property
    def agreed_servers(self) -> str:
        """The file of the MCP servers that the user agreed to; empty until it is known."""
        found = self._found()
        return os.path.join(found.data, "agreed_servers.json") if found is not None else ""

    @property
    def templates(self) -> str:
        """The folder of the templates of messages; empty until it is known."""
        found = self._found()
        return os.path.join(found.config, "templates") if found is not None else ""

    @property
    def fonts(self) -> str:
        """The folder of fonts that the user fetched; empty until it is known."""
        found = self._found()
        return os.path.join(found.data, "fonts") if found is not None else ""

    @property
    def last_place(self) -> str:
        """The file that says where the user was; empty until it is known."""
        found = self._found()
        return os.path.join(found.data, "last_place.json") if found is not None else ""

    def wait(self, timeout: float | None) -> bool:
        """Waits up to *timeout* seconds for settings, keys and discussions to be read."""
        return self._ready.wait(timeout)

    def set_up(self, project: ProjectManager, choose: Callable[[], None], load: Callable[[str], object]) -> None:
        """Reads what the folders hold; *choose* is called when the settings and the models are known.

        *load* gets the path of the ledger.
        """
        found = self._given or places.find_places()
        with self._lock:
            self._places = found
        self._settings.load(found.settings)
        self._providers.read_models(found.cache)
        choose()
        load(os.path.join(found.data, "ledger.jsonl"))
        self._discussion.use_agreed(os.path.join(found.data, "agreed_tools.json"))
        self._discussion.load_folder(found.discussions)
        project.use_locks(os.path.join(found.data, "locks"))
        self._ready.set()

    def follow(self, project: Project | None) -> None:
        """Writes discussions where *project* wants them; without a project in the user's own folder."""
        found = self._found()
        if found is None:
            return
        folder = found.discussions
        if project is not None:
            folder = project.discussions or os.path.join(found.discussions, project_manager.slug(project.path))
            self._settings.remember_project(project.path)
        self._discussion.load_folder(folder, project.folder if project is not None and project.discussions else "")

    def _found(self) -> Places | None:
        with self._lock:
            return self._places


def rescue(text: str) -> str:
    """Writes *text*, a discussion, where there may be room yet; the sentence that says where."""
    import tempfile

    try:
        descriptor, path = tempfile.mkstemp(".json", "sloppy-discussion-")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as error:
        return f"It is lost: {error}."
    return f"All of it is kept as {path}."
