from src.hot_reload import Reloader


def test_changed_modules_run_again(tmp_path, monkeypatch):
    package = tmp_path / "reloaded_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "one.py").write_text("value = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    import reloaded_package.one as one

    reloader = Reloader("reloaded_package")
    assert reloader.reload() == []
    (package / "one.py").write_text("value = 'changed'\n")
    assert (reloader.reload(), one.value) == (["reloaded_package.one"], "changed")
