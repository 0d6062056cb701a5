"""IG306."""

from importguard.findings import Finding, Severity
from importguard.rules.subject import Subject
from importguard.source.import_site import ImportKind, ImportSite, Location


class LoopImport:
    """Heavy import in a coroutine.

    What it does: finds heavy imports that run in a coroutine once the program is up: in the body of an `async def`, or
    in a function that it calls, as far as the start was followed behind `ready_at`. What the start itself runs is not
    reported, nor what the manifest warms. Off until importguard.toml says `event_loop = true`.

    Why it is bad: the event loop runs on one thread. While that imports, no other request, timer or heartbeat of the
    program goes on.

    Example:
        async def render(text): import rich.markdown

    Use instead:
        async def render(text):
            await asyncio.to_thread(running.wait)   # importguard.warmup: the loop goes on
            import rich.markdown
    """

    code = "IG306"
    title = "heavy import in a coroutine"

    def check(self, subject: Subject) -> list[Finding]:
        """One finding a statement."""
        if not subject.config.event_loop:
            return []
        graph, warmed = subject.graph, {job.module for job in subject.manifest.jobs}
        coroutine = {one.location: one.coroutine for one in graph.trace.in_coroutines}
        found: dict[Location, tuple[int, ImportSite]] = {}
        late = (edge.site for place, edge in graph.own_edges.items() if not graph.trace.edges.eager(place))
        for site in (*graph.trace.sites, *late):
            known = site.imported in graph.modules and site.location in coroutine
            if not known or site.kind is ImportKind.TYPE_CHECKING or site.location in graph.executed:
                continue
            added = subject.added_by(site.imported)
            left = subject.is_allowed(site.imported) or (subject.config.manifest and site.imported in warmed)
            if added and not left and subject.is_heavy(added):
                cost_us = graph.cost_us(added)
                found[site.location] = max(
                    found.get(site.location, (-1, site)), (cost_us, site), key=lambda one: one[0]
                )
        return [
            Finding(
                code=self.code,
                severity=Severity.ERROR,
                message=(
                    f"{site.imported} is imported in the coroutine {coroutine[place]}: the event loop stands still for "
                    f"{cost_us / 1000:.0f} ms"
                ),
                location=place,
                subject=site.imported,
                fix_hint=(
                    "Import it before the loop runs, or warm it (importguard.warmup) and wait on a thread: `await "
                    "asyncio.to_thread(running.wait)`."
                ),
                cost_us=cost_us,
                cost_source=graph.cost_source(subject.added_by(site.imported)),
                module_count=len(subject.added_by(site.imported)),
            )
            for place, (cost_us, site) in found.items()
        ]
