"""What `importguard verify` found, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable

import msgspec
from rich.console import Console

from importguard.printable import inert_json, plain
from importguard.project.repository import from_here
from importguard.project.start import Project
from importguard.render.markup import shown
from importguard.render.target import interpreter
from importguard.running.process import Frame
from importguard.target.environment import Environment
from importguard.verify import Surprise, Verification

_ROWS = 12


def render_verification(found: Verification, environment: Environment) -> str:
    """All of it as one JSON object, the loads themselves left out."""
    data = msgspec.to_builtins(found)
    data |= {
        "failed": found.failed,
        "agrees": found.agrees,
        "broken": found.broken,
        "interpreter": interpreter(environment),
    }
    for key in ("loads", "loaded", "before"):
        del data["record"][key]
    return inert_json(json.dumps(data, indent=2, default=str))


def print_verification(found: Verification, project: Project, console: Console) -> None:
    """Broken invariants with their stacks, then the difference, then one line of verdict."""

    def title(text: str, count: int, colour: str) -> None:
        console.print(f"[bold {colour}]{text}[/] [dim]({count:,})[/]" if count else f"{text}: [green]none[/]")

    title("Heavy on the main thread, not predicted", len(found.heavy), "red")
    _print_surprises(found.heavy, project, console, stack=True)
    title("Waits of the main thread", len(found.waits), "red")
    for wait in found.waits[:_ROWS]:
        console.print(f"  {shown(wait.name)}, {wait.ms:,.0f} ms")
        _print_stack(wait.frames, project, console)
    if found.on_loop or found.loop_counts:
        title("Heavy on the event loop", len(found.on_loop), "red" if found.loop_counts else "yellow")
        for one in found.on_loop[:_ROWS]:
            console.print(
                f"  {shown(one.name)}, about {one.cost_us / 1000:,.0f} ms, in the coroutine {shown(one.coroutine)}",
                soft_wrap=True,
            )
            _print_stack(one.frames, project, console)
    if found.uses:
        title("Lazy imports that the main thread used", len(found.uses), "cyan")
        _print_uses(found, project, console)
    for name, reason in found.record.failed:
        console.print(f"[bold red]Not warmed[/] {shown(name)}: {shown(reason)}")
    if found.record.ready_s is not None:
        heavy = any(one.heavy for one in found.lag)
        title("Loaded after all was warm", sum(one.count for one in found.lag), "red" if heavy else "yellow")
        _print_surprises(found.lag, project, console, stack=heavy)
    light = [one for one in found.unpredicted if not one.heavy]
    title("Loaded, not predicted", sum(one.count for one in light), "yellow")
    _print_surprises(light, project, console, stack=False)
    title("Predicted, not loaded", len(found.missing), "yellow")
    for name in found.missing[:_ROWS]:
        console.print(f"  {shown(name)}")
    _print_rest(len(found.missing) - _ROWS, console)
    for sentence in found.broken:
        console.print(f"[bold red]{shown(sentence)}[/]", soft_wrap=True)
    console.print()
    over = f", its start was over after {found.record.arrived_s:.2f} s" if found.record.arrived_s is not None else ""
    later = f", {found.after:,} more after its start" if found.record.arrived_s is not None else ""
    ready = f", all warm after {found.record.ready_s:.2f} s" if found.record.ready_s is not None else ""
    verdict = "[bold red]✗ A broken invariant[/]" if found.failed else "[bold green]✓ Verified[/]"
    console.print(
        f"{verdict}. [bold]{shown(found.entry)}[/] ran {found.record.seconds:.2f} s{over}{ready}: {found.on_main:,} "
        f"modules on the main thread{later}, {found.elsewhere:,} on others.",
        soft_wrap=True,
    )


def _print_uses(found: Verification, project: Project, console: Console) -> None:
    """Each first use with its place, what it took, and whether all was warm by then."""
    ready = found.record.ready_s
    for use in sorted(found.uses, key=lambda one: -one.ms)[:_ROWS]:
        place = f"{_place(use.frames[0], project)} in {use.frames[0].function}"
        when = "" if ready is None else ", after all was warm" if use.at_s > ready else ", before all was warm"
        console.print(f"  {shown(use.name)}, {use.ms:,.2f} ms, {shown(place)}{when}", soft_wrap=True)
    _print_rest(len(found.uses) - _ROWS, console)


def _print_surprises(found: Iterable[Surprise], project: Project, console: Console, *, stack: bool) -> None:
    rows = sorted(found, key=lambda one: -one.cost_us)
    for one in rows[:_ROWS]:
        more = f", {one.count:,} modules" if one.count > 1 else ""
        thread = "" if one.on_main else " on another thread"
        by = "" if stack or not one.frames else f"  [dim]{shown(_place(one.frames[0], project))}[/]"
        console.print(f"  {shown(one.name)}, about {one.cost_us / 1000:,.0f} ms{more}{thread}{by}", soft_wrap=True)
        if stack:
            _print_stack(one.frames, project, console)
    _print_rest(len(rows) - _ROWS, console)


def _print_stack(frames: tuple[Frame, ...], project: Project, console: Console) -> None:
    for frame in frames:
        console.print(f"    [dim]{shown(_place(frame, project))} in {shown(frame.function)}[/]", soft_wrap=True)


def _print_rest(count: int, console: Console) -> None:
    if count > 0:
        console.print(f"  [dim]and {count:,} more[/]")


def _place(frame: Frame, project: Project) -> str:
    return f"{plain(from_here(frame.file, project))}:{frame.line}"
