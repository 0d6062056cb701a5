"""`itertools`: iterators that are made of others."""

from __future__ import annotations

from importguard.startup.machine.state import MachineState
from importguard.startup.models.lazy_functions import ITERTOOLS, chain_from_iterable, tee
from importguard.startup.models.library import Library
from importguard.startup.values.modules import ModuleValue
from importguard.startup.values.natives import Native


def _fill(_machine: MachineState, module: ModuleValue) -> None:
    chain = Native("chain", ITERTOOLS["chain"])
    chain.attributes["from_iterable"] = Native("from_iterable", chain_from_iterable)
    module.namespace["chain"] = chain


LIBRARY = Library(functions={"itertools": {**ITERTOOLS, "tee": tee}}, fill={"itertools": _fill})
