"""What is being written and not yet sent: the text, attachments, provider, model. Knows no window.

Guarantees
- `_lock` guards every field. Attached files are read on the pool; the picture of an attachment that is not read yet, or
  cannot be, says so.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Set
from functools import partial

from src.chat import ImagePart, Message, Part, TextPart
from src.models.estimate import PER_IMAGE, estimate
from src.privacy.detector import Finding, find_secret
from src.privacy.redactor import current
from src.project import scan
from src.value import Value
from src.work.background import Background
from src.work.toasts import ToastKind

MAX_IMAGE_BYTES = 5_000_000
MAX_ATTACHMENTS = 20
AT_ONCE = 32_768  # characters that are looked through while a frame is drawn
IMAGES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp"}


class Attachment(Value):
    """A file that goes with the message; `part` is None until it is read."""

    path: str
    name: str
    size: int = 0
    tokens: int = 0
    part: TextPart | ImagePart | None = None


class Looked(Value):
    """What was found in what is typed: a secret, or None."""

    finding: Finding | None


class ComposerState(Value):
    """What the composer shows. `schema` is the JSON schema of the answers from now on; empty for words."""

    text: str
    attachments: tuple[Attachment, ...]
    provider: str
    model: str
    schema: str = ""


class Composer:
    """The message in the making."""

    def __init__(
        self, background: Background, notify: Callable[[], None], tell: Callable[[str, ToastKind], object]
    ) -> None:
        self._background = background
        self._notify = notify
        self._tell = tell
        self._lock = threading.Lock()
        self._state = ComposerState("", (), "echo", "echo-1")
        self._looked: tuple[str, Set[str], Looked] | None = None
        self._drafted: tuple[ComposerState | None, Message | None] = (None, None)

    def snapshot(self) -> ComposerState:
        """The message now."""
        with self._lock:
            return self._state

    def set_text(self, text: str) -> None:
        """What is typed."""
        self._change(text=text)
        if len(text) > AT_ONCE:
            self._background.submit(partial(self._look, text, frozenset()))

    def set_model(self, provider: str, model: str) -> None:
        """Who will be asked."""
        self._change(provider=provider, model=model)

    def set_schema(self, schema: str) -> None:
        """The JSON schema of the answers from now on, as `src.structured.schema.read` gives it; empty for words."""
        self._change(schema=schema)

    def attach(self, path: str) -> None:
        """Attaches the file at *path*, an image or a text, read in the background. Raises ValueError when full."""
        attachment = Attachment(path, os.path.basename(path))
        self._append(attachment)
        self._background.submit(lambda: self._read(attachment))

    def put(self, attachment: Attachment) -> None:
        """Attaches what was read already. Raises ValueError when full."""
        self._append(attachment)

    def put_picture(self, name: str, png: bytes) -> None:
        """Attaches the picture, whose bytes are there already. Raises ValueError when full."""
        self._append(Attachment(name, name, len(png), PER_IMAGE, ImagePart("image/png", png, name)))

    def detach(self, index: int) -> None:
        """Takes the attachment at *index* off; an index that is not there is none."""
        with self._lock:
            kept = tuple(one for at, one in enumerate(self._state.attachments) if at != index)
            self._state = self._state._replace(attachments=kept)
        self._notify()

    def take(self) -> None:
        """Empties it: what was written has become a turn."""
        self._change(text="", attachments=())

    def message(self, text: str | None = None) -> Message:
        """The message to send, with *text* in place of what is typed. Raises ValueError for an unread attachment."""
        state = self.snapshot()
        typed = state.text if text is None else text
        parts: list[Part] = []
        for one in state.attachments:
            if one.part is None:
                raise ValueError(f"{one.name} is still being read; send again in a moment.")
            parts.append(one.part)
        if typed.strip():
            parts.append(TextPart(typed))
        return Message("user", tuple(parts))

    def secret(self, accepted: Set[str]) -> Looked | None:
        """What was found in what is typed, but for what is *accepted*; None while a long text is looked through."""
        with self._lock:
            text, looked = self._state.text, self._looked
        if looked is not None and looked[:2] == (text, accepted):
            return looked[2]
        if len(text) <= AT_ONCE:
            return Looked(find_secret_or_key(text, accepted))
        self._background.submit(partial(self._look, text, accepted))
        return None

    def draft(self) -> Message | None:
        """As `message`, without the attachments that are still being read; None when it is empty."""
        with self._lock:
            state = self._state
            if self._drafted[0] is not state:
                parts: tuple[Part, ...] = tuple(one.part for one in state.attachments if one.part is not None)
                if state.text.strip():
                    parts = (*parts, TextPart(state.text))
                self._drafted = (state, Message("user", parts) if parts else None)
            return self._drafted[1]

    def _look(self, text: str, accepted: Set[str]) -> None:
        with self._lock:
            if self._state.text != text:  # typed on since
                return
        looked = Looked(find_secret_or_key(text, accepted))
        with self._lock:
            if self._state.text != text:  # a look at what is typed now may have ended before this one
                return
            self._looked = (text, accepted, looked)
        self._notify()

    def _append(self, attachment: Attachment) -> None:
        with self._lock:
            if len(self._state.attachments) >= MAX_ATTACHMENTS:
                raise ValueError(f"A message takes {MAX_ATTACHMENTS} attachments; send it or take one off.")
            self._state = self._state._replace(attachments=(*self._state.attachments, attachment))
        self._notify()

    def _read(self, attachment: Attachment) -> None:
        try:
            read = read_attachment(attachment.path)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            self._tell(f"{attachment.path} cannot be attached: {reason}", "error")
            read = None
        with self._lock:
            rows = [row for one in self._state.attachments if (row := read if one is attachment else one) is not None]
            self._state = self._state._replace(attachments=tuple(rows))
        self._notify()

    def _change(self, **fields: object) -> None:
        with self._lock:
            self._state = self._state._replace(**fields)
        self._notify()


def find_secret_or_key(text: str, accepted: Set[str]) -> Finding | None:
    """One of the user's own keys in *text*, or what looks like a secret and is not *accepted*."""
    return current().find_known(text) or find_secret(text, accepted)


def read_attachment(path: str) -> Attachment:
    """Reads the file at *path*. Raises OSError, and ValueError saying why it cannot go along."""
    name = os.path.basename(path)
    media_type = IMAGES.get(os.path.splitext(path)[1].lower())
    if media_type is None:
        text = scan.read_text(path)
        part = TextPart(scan.frame(name, text))
        return Attachment(path, name, len(text.encode()), estimate(part.text), part)
    data = scan.read_picked(path, MAX_IMAGE_BYTES)
    return Attachment(path, name, len(data), PER_IMAGE, ImagePart(media_type, data, name))
