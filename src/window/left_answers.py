"""What was typed into a long question or a form that was left: there again when the same is asked once more."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

from src.window.questions import Form, Question

MOST = 8  # questions
_Typed = tuple[str, ...]


class LeftAnswers:
    """Those of the questions left last, until they are answered. Secrets are not kept."""

    def __init__(self) -> None:
        self._typed: OrderedDict[Hashable, _Typed] = OrderedDict()

    def of(self, asked: Question | Form) -> _Typed | None:
        """What was typed when *asked* was left; None when nothing was."""
        return self._typed.get(_key(asked))

    def keep(self, asked: Question | Form, typed: _Typed) -> None:
        """*asked* is left with *typed* in its lines."""
        self.forget(asked)
        if isinstance(asked, Form):
            lines = zip(asked.fields, typed, strict=True)
            typed = tuple(field.text if field.is_secret else text for field, text in lines)
        if typed != first(asked) and (isinstance(asked, Form) or asked.is_long):
            self._typed[_key(asked)] = typed
            if len(self._typed) > MOST:
                self._typed.popitem(last=False)

    def forget(self, asked: Question | Form) -> None:
        """*asked* is answered."""
        self._typed.pop(_key(asked), None)


def first(asked: Question | Form) -> _Typed:
    """What the lines of *asked* hold at first."""
    return tuple(one.text for one in asked.fields) if isinstance(asked, Form) else (asked.text or "",)


def _key(asked: Question | Form) -> Hashable:
    """The same for the same question about the same thing."""
    return asked.title, asked.body, first(asked)
