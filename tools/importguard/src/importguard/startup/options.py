"""What a static start may be told. Values only."""

import msgspec


class Options(msgspec.Struct, frozen=True):
    """`lazy_imports` is `-X lazy_imports`: "normal" or "all"."""

    warm_calls: frozenset[str] = frozenset({"_require_warmed", "require_warmed"})
    lazy_imports: str = "normal"
