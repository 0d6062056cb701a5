"""The examples that `--help` shows, by command."""

EXAMPLES = {
    "": ("importguard check app.py", "importguard init", "importguard why pandas app.py"),
    "bisect": (
        "importguard bisect v1.0 HEAD --module pandas",
        "importguard bisect v1.0 HEAD --budget 300 app.py",
    ),
    "cache": (
        "importguard cache export importguard.pack",
        "importguard cache import importguard.pack",
        "importguard cache warm -r requirements.txt",
    ),
    "cache export": ("importguard cache export importguard.pack", "importguard cache export web.pack --entry web"),
    "cache import": (
        "importguard cache import importguard.pack",
        "importguard cache import importguard.pack --sha256 9f86d081884c7d65...",
    ),
    "cache warm": ("importguard cache warm -r requirements.txt", "importguard cache warm -r base.txt -r extra.txt"),
    "cache key": ("importguard cache key > ~/.importguard.key",),
    "check": (
        "importguard check app.py",
        "importguard check --select IG1 --format github",
        "importguard check --output-file sarif:importguard.sarif --output-file junit:report.xml",
        "importguard check --against main",
        "importguard check --shard 2/8",
    ),
    "commands": (
        "importguard commands --command pgcli",
        "importguard commands cli.py --budget --help=100 --budget '*=400'",
    ),
    "compile": ("importguard compile app.py", "importguard compile --check --command pgcli"),
    "explore": ("importguard explore app.py", "importguard explore --entry web --port 8123 --no-browser"),
    "fix": (
        "importguard fix app.py",
        'importguard fix app.py --apply --verify "pytest -q"',
        "importguard fix --step 1",
    ),
    "graph": (
        "importguard graph app.py",
        "importguard graph --format html > startup.html",
        "importguard graph --format mermaid --depth 3 --collapse third-party",
    ),
    "history": (
        "importguard history --since v1.0",
        "importguard history --limit 200 --every 10 --format html > history.html",
    ),
    "init": ("importguard init", "importguard init --pyproject"),
    "lock": ("importguard lock --write", "importguard lock --update"),
    "lsp": ("importguard lsp", "importguard lsp app.py"),
    "manifest": ("importguard manifest --write", "importguard manifest --check"),
    "measure": ("importguard measure", "importguard measure --runs 9"),
    "merge": (
        "importguard merge importguard-1-of-2.shard importguard-2-of-2.shard",
        "importguard merge importguard-1-of-2.shard importguard-2-of-2.shard --format sarif",
    ),
    "rule": ("importguard rule", "importguard rule IG101"),
    "verify": ("importguard verify", "importguard verify --until ready -- app.py --port 8000"),
    "why": ("importguard why pandas", "importguard why pandas app.py"),
}


def epilog(command: str) -> str:
    """The examples of *command* (empty: of the whole tool) as click prints them, a line each."""
    lines = "\n".join(f"  {one}" for one in EXAMPLES.get(command, ()))
    return f"\b\nExamples:\n{lines}" if lines else ""
