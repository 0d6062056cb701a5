"""Writes the pages that are made of the code: rules, commands, the schema of the configuration; --check compares."""

from __future__ import annotations

import argparse
import itertools
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from importguard.cli.commands import NAMES, cli
from importguard.project.policy import Config
from importguard.render.markdown import rule_page
from importguard.rules import RULES

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
MADE_BY = "uv run python scripts/write_pages.py"
COLUMNS = 100


def made() -> dict[str, str]:
    """Path in the checkout → text, of every generated page, and of the site's list of pages."""
    pages = {"rules/index.md": _rules(), "reference/commands.md": _commands(), "importguard.schema.json": _schema()}
    pages |= {f"rules/{rule.code.lower()}.md": rule_page(rule) for rule in RULES}
    return {f"docs/{name}": text for name, text in pages.items()} | {"zensical.toml": _navigation()}


def _navigation() -> str:
    """The configuration of the site as it is, with a page for each rule, those of a hundred on a line."""
    codes = sorted(rule.code.lower() for rule in RULES)
    lines = [
        "    " + " ".join(f'"rules/{code}.md",' for code in group)
        for _, group in itertools.groupby(codes, lambda code: code[:3])
    ]
    text = (ROOT / "zensical.toml").read_text(encoding="utf-8")
    return re.sub(r'(?m)(^ *"rules/ig.*\n)+', "\n".join([*lines, ""]), text, count=1)


def _rules() -> str:
    rows = [f"| [{rule.code}]({rule.code.lower()}.md) | {rule.title} |" for rule in RULES]
    about = "`importguard rule CODE` prints a rule's page. The pages are made of the rules' docstrings."
    return "\n".join(["# Rules", "", about, "", "| Code | Finds |", "|---|---|", *rows, ""])


def _commands() -> str:
    parts = [
        "# Commands",
        "Exit codes: 0 clean, 1 findings, 2 could not check. Findings go to standard output, errors to standard error. "
        "This page is what `--help` prints.",
        _help(cli, None, "importguard"),
    ]
    whole = click.Context(cli, info_name="importguard")
    for name in NAMES:
        command = cli.get_command(whole, name)
        assert command is not None, name
        parts += [f"## {name}", _help(command, whole, name)]
        if isinstance(command, click.Group):
            above = click.Context(command, whole, name)
            parts += [
                part
                for inner, one in sorted(command.commands.items())
                for part in (f"### {name} {inner}", _help(one, above, inner))
            ]
    return "\n\n".join(parts) + "\n"


def _help(command: click.Command, parent: click.Context | None, name: str) -> str:
    context = click.Context(command, parent, name, terminal_width=COLUMNS, help_option_names=["-h", "--help"])
    text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    return f"```text\n{text}\n```"


def _schema() -> str:
    schema: dict[str, Any] = msgspec.json.schema(Config)
    config = schema["$defs"]["Config"]
    said = dict(_descriptions())
    for key, value in config["properties"].items():
        if key in said:
            value["description"] = said[key]
    own = {key: value for key, value in config["properties"].items() if key != "entry"}
    text = {"type": "string"}
    schema["$defs"]["Entry"] = {
        "type": "object",
        "description": "One of several starts; it inherits the shared keys.",
        "properties": {"name": text, "script": text, **own},
        "additionalProperties": False,
    }
    config["properties"]["entry"] = {
        "description": said["entry"],
        "anyOf": [text, {"type": "array", "items": {"$ref": "#/$defs/Entry"}}],
    }
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "importguard.toml"}
    return json.dumps({**head, **schema}, indent=2) + "\n"


def _descriptions() -> Iterator[tuple[str, str]]:
    """Key → what it says, from the table of docs/configuration.md."""
    for row in (DOCS / "configuration.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", row)]
        for key in re.findall(r"`\[?([\w-]+)\]?`", cells[1]) if len(cells) == 5 else ():
            yield key, re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", cells[3]).replace("`", "")


def stale() -> dict[str, str]:
    """Those of `made` that are not there as they should be."""
    return {
        name: text
        for name, text in made().items()
        if not (ROOT / name).is_file() or (ROOT / name).read_text(encoding="utf-8") != text
    }


def main() -> int:
    """The exit code: 1 when a page is stale, and it was only to be checked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    is_check = parser.parse_args().check
    found = stale()
    for name, text in found.items():
        print(f"{name} is stale; run: {MADE_BY}" if is_check else f"wrote {name}")
        if not is_check:
            (ROOT / name).parent.mkdir(exist_ok=True)
            (ROOT / name).write_text(text, encoding="utf-8")
    return int(is_check and bool(found))


if __name__ == "__main__":
    sys.exit(main())
