"""IG101."""

import os
from collections.abc import Sequence

from importguard.findings import Finding, Severity, Statement
from importguard.graph import ModuleGraph
from importguard.plan import Cut
from importguard.rules.lazy_uses import said_of
from importguard.rules.older_pythons import listed_imports
from importguard.rules.remedies import eager_remedy
from importguard.rules.subject import Subject


class EagerImport:
    """Heavy package imported eagerly from the entry.

    What it does: finds the packages without which the start would be faster by more than `heavy_ms`, and those that
    `heavy` names, and lists the import statements of your code that have to go for it: all together, and no more. It
    says what each saves alone and what they save together. Module level counts, and so do `try`, `if`, `with`, class
    bodies, decorators and functions called while modules load. What is imported under a condition counts when that is
    what happens without arguments and environment variables, and at module level also when nobody can know: then the
    finding says so. Your own packages count by their own modules.

    Why it is bad: the window, the `--help` or the first request waits for it.

    Example:
        import anthropic                # in a file that the entry imports

    Use instead:
        def ask(): import anthropic     # a command: only who asks waits
        require_warmed("chat").ask()    # a window or a server: `chat` imports anthropic in the background

    A package that several others load is reported when together they cost too much: "pydantic, shared by anthropic and
    openai". What `__lazy_modules__` makes lazy is eager below Python 3.15: for a project that supports those, a warning
    names them. Accept a package with `allow = ["imgui_bundle"]` in importguard.toml. A comment `# importguard:
    ignore[IG101] reason` on one of the statements takes that one out; on all of them it accepts the finding.
    """

    code = "IG101"
    title = "heavy package imported eagerly from the entry"

    def check(self, subject: Subject) -> list[Finding]:
        """One finding a package, with the statements that have to go."""
        found = [self._finding(subject, cut) for cut in subject.plan.findings]
        return [*found, *listed_imports(subject, self.code)]

    def _finding(self, subject: Subject, cut: Cut) -> Finding:
        graph = subject.graph
        statements = statements_of(graph, cut)
        first = min(statements, key=lambda one: one.location)
        cost_us = graph.cost_us(cut.saved)
        source = graph.cost_source(cut.saved)
        near = source == "estimated" and not cut.named and cost_us < subject.config.heavy_ms * 2000
        doubt = f" An estimate near the limit of {subject.config.heavy_ms:g} ms: `importguard measure` decides."
        return Finding(
            code=self.code,
            severity=Severity.ERROR,
            message=_message(cut, statements, cost_us)
            + _said_of_uses(subject, statements)
            + _said_of_plain(graph, cut)
            + _said_of_lines(subject, cut),
            location=first.location,
            subject=cut.subject,
            fix_hint=eager_remedy(subject, cut) + (doubt if near else ""),
            chain=first.chain,
            cost_us=cost_us,
            cost_source=source,
            module_count=len(cut.saved),
            statements=statements,
            start=subject.name,
        )


def statements_of(graph: ModuleGraph, cut: Cut) -> tuple[Statement, ...]:
    """The statements of *cut*, each with its chain and what it saves alone, the dearest first."""
    return tuple(
        Statement(
            edge.site.location,
            graph.chain_through(edge),
            graph.cost_us(alone),
            len(alone),
            graph.lazy_use(edge.site.location),
        )
        for edge, alone in zip(cut.statements, cut.alone, strict=True)
    )


def _message(cut: Cut, statements: Sequence[Statement], cost_us: int) -> str:
    saves = f"{cost_us / 1000:.0f} ms"
    if cut.sharers:
        others = [name for name in cut.sharers if name != cut.subject]
        several = " and ".join(filter(None, (", ".join(others[:-1]), others[-1]))) if others else cut.subject
        if cut.subject in cut.sharers:
            return f"{cut.subject} is imported eagerly, also through {several} ({_count(statements)}, {saves})"
        return f"{cut.subject} is loaded at the start, shared by {several} ({_count(statements)}, {saves})"
    if len(statements) > 1:
        stays = "; something else loads the rest of it" if cut.stays else ""
        return f"{cut.subject} is imported eagerly on the main thread ({_count(statements)}, {saves}{stays})"
    steps = statements[0].chain.steps
    names = " → ".join((steps[0].importer, *(step.imported for step in steps)))
    return f"{cut.subject} is imported eagerly on the main thread ({names}, {saves})"


def _said_of_uses(subject: Subject, statements: Sequence[Statement]) -> str:
    """What of it is a lazy import that the start uses."""
    lazy = [one for one in statements if one.lazy is not None]
    if not lazy:
        return ""
    if len(statements) == 1:
        return f"; {said_of(lazy[0].lazy, lazy[0].location, subject.project)}"
    used = " is a use" if len(lazy) == 1 else " are uses"
    return f"; {len(lazy)}{used} of a lazy import"


def _said_of_plain(graph: ModuleGraph, cut: Cut) -> str:
    """Which condition is in front of it, as far as that can be said."""
    guarded = [edge.site.location for edge in cut.statements if edge.guarded]
    if not guarded:
        return ""
    if all(place in graph.plain.run for place in guarded):
        return "; so unless an argument or an environment variable says otherwise"
    if len(guarded) == len(cut.statements):
        return "; only if a condition holds that is not known before the program runs"
    return f"; {len(guarded)} of them only if a condition holds that is not known before the program runs"


def _said_of_lines(subject: Subject, cut: Cut) -> str:
    """What else one of the statements imports, which stays: `import pandas, httpx`."""
    if cut.named or cut.sharers:
        return ""
    graph = subject.graph
    for place in sorted(edge.site.location for edge in cut.statements):
        imported = filter(graph.modules.__contains__, graph.imported_at(place) - graph.own)
        others = sorted({*map(graph.package_of, imported)} - {cut.subject, *cut.subject.split(".")[:-1]})
        if others:
            more = f" and {len(others) - 1} more" if len(others) > 1 else ""
            return f"; {others[0]}{more} at {os.path.basename(place.path)}:{place.line} may stay"
    return ""


def _count(statements: Sequence[Statement]) -> str:
    return f"{len(statements)} statement{'s' * (len(statements) > 1)}"
