import json

import pytest
from src.models import catalog
from src.models.catalog import MAX_MODELS, Model, ModelList

LIST = ModelList((Model("a", "A", 10, 5), Model("b")), "fetched", 1000.0)


def test_a_list_comes_back_with_its_date(tmp_path):
    catalog.write(str(tmp_path), "x", LIST)
    assert catalog.read(str(tmp_path), "x") == LIST._replace(source="cached")
    assert [path.name for path in tmp_path.iterdir()] == ["models-x.json"]


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"schema": 2, "models": [], "fetched_at": 1}', '{"schema": 1, "models": [], "fetched_at": "x"}']
    + [
        json.dumps({"schema": 1, "fetched_at": 1, "models": [row]})
        for row in (1, {}, {"id": 1}, {"id": "a", "window_tokens": "9"})
    ],
)
def test_what_is_not_usable_counts_as_nothing(tmp_path, content):
    (tmp_path / "models-x.json").write_text(content)
    assert catalog.read(str(tmp_path), "x") is None


def test_a_list_is_bounded_sorted_and_holds_each_model_once():
    rows = tuple(Model(f"m-{number % 600:04}") for number in range(1200))
    tidied = catalog.tidy((Model(""), *rows))
    assert (len(tidied), tidied[0], len(set(tidied))) == (MAX_MODELS, Model("m-0000"), MAX_MODELS)
