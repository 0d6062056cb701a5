"""IG103: a heavy import by name outside the warmup."""

CODE = "IG103"

REPORTS = {
    "import_module": ("import importlib\ndef f(): importlib.import_module('colorsys')", "", ["app.py:2"]),
    "from importlib": ("from importlib import import_module as load\ndef f(): load('colorsys')", "", ["app.py:2"]),
    "dunder import": ("def f(): return __import__('colorsys')", "", ["app.py:1"]),
    "a constant": ("import importlib\nNAME = 'colorsys'\ndef f(): importlib.import_module(NAME)", "", ["app.py:3"]),
}
SILENT = {
    "a light module": ("import importlib\ndef f(): importlib.import_module('string')",),
    "a function of the same name": ("def import_module(name): ...\ndef f(): import_module('colorsys')",),
    "at start, where IG101 reports it": ("import importlib\nimportlib.import_module('colorsys')",),
    "behind the warmup": ("def _require_warmed(name): ...\ndef f(): return _require_warmed('colorsys')",),
}


def test_it_reports(places, reported):
    files, config, expected = reported
    assert places(files, config) == expected


def test_it_stays_silent(places, unreported):
    assert places(*unreported) == []
