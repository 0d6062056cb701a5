"""`map`, `filter`, `zip`, `enumerate` and the functions of `itertools`: they give one item at a time.

Calls of the program's own code are worked out so. Libraries get all items at once, which is faster and nearly the same.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from importguard.startup.machine.branches import perhaps
from importguard.startup.machine.operators import compare
from importguard.startup.trace.trace import Origin
from importguard.startup.values.base import MAX_ITEMS, MAX_TURNS, UNKNOWN, Invocation, Value, truth
from importguard.startup.values.choice import one_of
from importguard.startup.values.constants import behaviour
from importguard.startup.values.iterators import END, IteratorValue, Unsure, pull
from importguard.startup.values.natives import Model


def is_lazy(call: Invocation) -> bool:
    """Whether the program's own code makes the *call*, with arguments that are all known."""
    return call.frame.module.origin == Origin.FIRST_PARTY and call.complete


def _called(call: Invocation, function: Value, *args: Value) -> Value:
    return call.machine.call(function, list(args), {}, call.machine.frame, complete=True)


def _sure(value: Value, call: Invocation) -> bool:
    decided = truth(value, call.machine)
    if decided is None:
        raise Unsure
    return decided


def _perhaps(call: Invocation, function: Value, *args: Value) -> Value:
    """What *function* gives where it is only possible that it is called."""
    return perhaps(call.machine, call.machine.frame, lambda: _called(call, function, *args))


def _mapped(call: Invocation) -> Iterator[Value]:
    sources = [pull(one, call.machine) for one in call.args[1:]]
    try:
        for items in zip(*sources, strict=False):
            yield _called(call, call.args[0], *items)
    except Unsure as unsure:
        some = [unsure.some] if len(sources) == 1 else [UNKNOWN] * len(sources)
        raise Unsure(_perhaps(call, call.args[0], *some)) from None


def _filtered(call: Invocation) -> Iterator[Value]:
    """From the first item on of which nobody knows whether it stays, each may be there."""
    function, source, some = call.args[0], pull(call.args[1], call.machine), list[Value]()
    try:
        for item in source:
            asked = item if some or function is None else _called(call, function, item)
            stays = None if some else truth(asked, call.machine)
            if stays is None:
                some.append(item)
            elif stays:
                yield item
    except Unsure as unsure:
        some.append(unsure.some)
        if function is not None:
            _perhaps(call, function, unsure.some)
    if some:
        raise Unsure(one_of(some, more=True))


def _until(call: Invocation) -> Iterator[Value]:
    """`iter(function, last)`."""
    for _ in range(MAX_TURNS):
        item = _called(call, call.args[0])
        equal = compare(call.machine, item, "Eq", call.args[1])
        if not isinstance(equal, bool):
            break
        if equal:
            return
        yield item
    raise Unsure


def _zipped(call: Invocation) -> Iterator[Value]:
    yield from zip(*(pull(one, call.machine) for one in call.args), strict=False)


def _counted(call: Invocation) -> Iterator[Value]:
    start = call.get(1, "start", 0)
    if not isinstance(start, int):
        raise Unsure
    try:
        yield from enumerate(pull(call.args[0], call.machine), start)
    except Unsure as unsure:
        raise Unsure((UNKNOWN, unsure.some)) from None


def _from_each(call: Invocation) -> Iterator[Value]:
    for one in pull(call.first(), call.machine):
        yield from pull(one, call.machine)


def _chained(call: Invocation) -> Iterator[Value]:
    some: list[Value] = []
    for one in call.args:
        try:
            for item in pull(one, call.machine):
                if some:
                    some.append(item)
                else:
                    yield item
        except Unsure as unsure:
            some.append(unsure.some)
    if some:
        raise Unsure(one_of(some, more=True))


def _sliced(call: Invocation) -> Iterator[Value]:
    bounds: list[Any] = call.args[1:]
    if not all(one is None or type(one) is int for one in bounds):
        raise Unsure
    yield from itertools.islice(pull(call.args[0], call.machine), *bounds)


def _spread(call: Invocation) -> Iterator[Value]:
    for items in pull(call.args[1], call.machine):
        found = call.machine.items_of(items)
        if found is None or not found[1]:
            raise Unsure
        yield _called(call, call.args[0], *found[0])


def _while(call: Invocation) -> Iterator[Value]:
    for item in pull(call.args[1], call.machine):
        if not _sure(_called(call, call.args[0], item), call):
            return
        yield item


def _after(call: Invocation) -> Iterator[Value]:
    source = pull(call.args[1], call.machine)
    for item in source:
        if not _sure(_called(call, call.args[0], item), call):
            yield item
            yield from source


def _others(call: Invocation) -> Iterator[Value]:
    for item in pull(call.args[1], call.machine):
        if not _sure(item if call.args[0] is None else _called(call, call.args[0], item), call):
            yield item


def _gathered(call: Invocation) -> Iterator[Value]:
    """`accumulate(items, function)`."""
    function, total = call.get(1, "func"), call.keywords.get("initial")
    first = total is None
    if not first:
        yield total
    for item in pull(call.args[0], call.machine):
        if first:
            total, first = item, False
        elif function is not None:
            total = _called(call, function, total, item)
        else:
            total = behaviour(total).binary("Add", item, call.machine)
        yield total


def _grouped(call: Invocation) -> Iterator[Value]:
    """`groupby(items, key)`: each group as a list."""
    key = call.get(1, "key")
    items = list(pull(call.args[0], call.machine))
    keys = [item if key is None else _called(call, key, item) for item in items]
    if any(one is UNKNOWN for one in keys):
        raise Unsure
    for value, group in itertools.groupby(zip(keys, items, strict=True), key=lambda pair: pair[0]):
        yield (value, tuple(item for _, item in group))


def _endless(call: Invocation) -> Iterator[Value]:
    start, step = call.get(0, "start", 0), call.get(1, "step", 1)
    if not isinstance(start, int) or not isinstance(step, int):
        raise Unsure
    yield from itertools.islice(itertools.count(start, step), MAX_ITEMS)
    raise Unsure


def _repeated(call: Invocation) -> Iterator[Value]:
    times = call.get(1, "times", MAX_ITEMS + 1)
    if not isinstance(times, int):
        raise Unsure
    yield from itertools.repeat(call.first(), min(times, MAX_ITEMS))
    if times > MAX_ITEMS:
        raise Unsure


def _over_and_over(call: Invocation) -> Iterator[Value]:
    yield from itertools.islice(itertools.cycle(pull(call.first(), call.machine)), MAX_ITEMS)
    raise Unsure


def tee(call: Invocation) -> Value:
    """`tee(items, n)`: iterators that share what they have got from one."""
    count = call.get(1, "n", 2)
    if not is_lazy(call) or type(count) is not int or not 0 <= count <= MAX_TURNS:
        return UNKNOWN
    source, known = pull(call.first(), call.machine), list[Value]()

    def one() -> Iterator[Value]:
        for place in itertools.count():
            if place == len(known):
                made = next(source, END)
                if made is END:
                    return
                known.append(made)
            yield known[place]

    return tuple(IteratorValue(one(), call.machine) for _ in range(count))


def _combined(function: Callable[..., Iterator[tuple[Value, ...]]], *, every: bool) -> Callable[..., Iterator[Value]]:
    """A function that walks what it gets before it gives anything; *every*: all of its arguments are iterables."""

    def run(call: Invocation) -> Iterator[Value]:
        walked = call.args if every else call.args[:1]
        rest: list[Any] = [] if every else call.args[1:]
        named: dict[str, Any] = dict(call.keywords)
        if any(one is UNKNOWN for one in (*rest, *named.values())):
            raise Unsure
        items = [list(pull(one, call.machine)) for one in walked]
        yield from itertools.islice(function(*items, *rest, **named), MAX_ITEMS)

    return run


def _model(run: Callable[[Invocation], Iterator[Value]], needed: int = 1) -> Model:
    def make(call: Invocation) -> Value:
        if len(call.args) < needed or not call.complete:
            return UNKNOWN
        return IteratorValue(run(call), call.machine)

    return make


lazy_map = _model(_mapped, 2)
lazy_filter = _model(_filtered, 2)
lazy_until = _model(_until, 2)
lazy_zip = _model(_zipped, 0)
lazy_enumerate = _model(_counted)
ITERTOOLS: dict[str, Model] = {
    "chain": _model(_chained, 0),
    "islice": _model(_sliced, 2),
    "starmap": _model(_spread, 2),
    "takewhile": _model(_while, 2),
    "dropwhile": _model(_after, 2),
    "filterfalse": _model(_others, 2),
    "accumulate": _model(_gathered),
    "groupby": _model(_grouped),
    "count": _model(_endless, 0),
    "repeat": _model(_repeated),
    "cycle": _model(_over_and_over),
    "product": _model(_combined(itertools.product, every=True), 0),
    "permutations": _model(_combined(itertools.permutations, every=False)),
    "combinations": _model(_combined(itertools.combinations, every=False), 2),
    "pairwise": _model(_combined(itertools.pairwise, every=True)),
    "zip_longest": _model(_combined(itertools.zip_longest, every=True), 0),
    "compress": _model(_combined(itertools.compress, every=True), 2),
}
chain_from_iterable = _model(_from_each)
