"""Answers that follow a JSON Schema: what goes out, whether what comes fits, how it is shown."""

import asyncio
import io
import json

import pytest
from src.ask import Prompt, ask
from src.asked import Setting
from src.discussion import format as log_format
from src.discussion.events import Begun
from src.providers import openai_body
from src.structured import schema, validation
from src.structured.fit import Table, table_of
from tests.conftest import settled, wait_until
from tests.sdk import NAMES, Sdk
from tests.turn.providers import connected

from importguard.warmup import WarmupJob

NUMBER = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}, "required": ["n"]}
WORD = {"type": "object", "properties": {"n": {"type": "string"}}, "required": ["n"]}
VALIDATION = WarmupJob("src.structured.validation", group=3)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no JSON"),
        ("[]", 'with "type": "object"'),
        ('{"type": "array"}', 'with "type": "object"'),
        ("x" * 200_000, "100,000"),
    ],
)
def test_what_is_no_schema_of_an_answer_is_refused(text, said):
    with pytest.raises(schema.SchemaError, match=said):
        schema.read(text)


def test_a_schema_is_closed_for_those_who_insist_and_strict_only_where_it_can_be():
    closed = schema.closed({"type": "object", "properties": {"a": NUMBER, "b": {"type": "array", "items": NUMBER}}})
    assert closed["properties"]["b"]["items"]["additionalProperties"] is False
    assert not schema.is_strict(closed)  # `a` and `b` may be missing
    assert schema.is_strict(schema.closed(NUMBER))
    assert schema.title_of('{"title": "Invoice"}') == "Invoice"
    assert schema.title_of("{}") == "answer"


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ('{"n": 1}', ()),
        ('```json\n{"n": 1}\n```', ()),
        ('{"n": 0}', ("$.n: 0 is less than the minimum of 1",)),
        ("{}", ("$: 'n' is a required property",)),
    ],
)
def test_an_answer_is_checked_place_by_place(text, errors):
    assert validation.check(text, json.dumps(NUMBER)).errors == errors


@pytest.mark.parametrize("text", ["no json", '{"n": 1', "[" * 100_000])
def test_an_answer_that_is_no_json_says_so(text):
    assert validation.check(text, json.dumps(NUMBER)).errors[0].startswith("The answer is no JSON")


def test_a_schema_that_points_elsewhere_fetches_nothing():
    away = {"type": "object", "properties": {"n": {"$ref": "http://127.0.0.1:9/schema.json"}}}
    assert "cannot be followed" in validation.check('{"n": 1}', json.dumps(away)).errors[0]


def test_a_wrong_schema_is_named():
    assert "wrong at $.type" in validation.check_schema('{"type": "nothing"}')
    assert validation.check_schema(json.dumps(NUMBER)) == ""


@pytest.mark.parametrize(
    ("value", "table"),
    [
        ([{"a": 1, "b": None}, {"a": True, "c": "x"}], Table(("a", "b", "c"), (("1", "", ""), ("yes", "", "x")))),
        ({"total": 3, "rows": [{"a": 1}]}, Table(("a",), (("1",),))),
        ([1, 2], None),
        ([{"a": [1]}], None),
        ({"a": 1}, None),
        ([], None),
    ],
)
def test_a_list_of_flat_objects_is_a_table(value, table):
    assert table_of(value) == table


@pytest.mark.parametrize("name", NAMES)
def test_each_provider_gets_the_schema_in_its_own_words(fake, name):
    sdk = Sdk(name)
    events = asyncio.run(sdk.collect(sdk.request("json", schema=json.dumps(NUMBER))))
    assert "".join(event.text for event in events[:2]) == '{"n": 1}'
    body = fake.requests[-1].body
    found = {
        "anthropic": lambda: body["output_config"]["format"]["schema"],
        "gemini": lambda: body["generationConfig"]["responseJsonSchema"],
        "openai": lambda: body["response_format"]["json_schema"]["schema"],
    }[name]()
    assert found["properties"] == NUMBER["properties"]


def test_a_model_is_held_to_a_schema_only_where_openai_can():
    sdk = Sdk("openai")
    strict = openai_body.body(sdk.request("m", schema=json.dumps(NUMBER)))["response_format"]["json_schema"]
    loose = openai_body.body(sdk.request("m", schema='{"type": "object"}'))["response_format"]["json_schema"]
    assert (strict["strict"], "strict" in loose) == (True, False)


def test_a_schema_is_in_the_log_only_where_there_is_one():
    assert b"schema" not in log_format.encode(Begun(1, 0, 1.0, "x", "m"))
    event = Begun(1, 0, 1.0, "x", "m", '{"type":"object"}')
    assert log_format.decode(json.loads(log_format.encode(event))) == event


@pytest.fixture(params=NAMES)
def controller(fake, monkeypatch, make_controller, request):
    made = connected(make_controller, monkeypatch, request.param, more=(VALIDATION,))
    made.choose_provider(request.param, "json")
    return made


@pytest.mark.parametrize(("wanted", "errors"), [(NUMBER, ()), (WORD, ("$.n: 1 is not of type 'string'",))])
def test_an_answer_is_checked_when_it_has_come(controller, wanted, errors):
    controller.composer.set_schema(schema.read(json.dumps(wanted)))
    assert "schema" in [part.origin for part in controller.preview().parts]
    assert controller.send("count").accepted
    assert settled(controller).error == ""
    turn = controller.discussion.snapshot().turns[-1]
    fit = wait_until(controller, lambda: controller.fit_of(turn))
    assert (fit.value, fit.errors) == ({"n": 1}, errors)


@pytest.mark.parametrize(("wanted", "code"), [(NUMBER, 0), (WORD, 1)])
def test_on_the_terminal_the_exit_code_says_whether_it_fits(controller, tmp_path, wanted, code):
    (tmp_path / "schema.json").write_text(json.dumps(wanted))
    out, told = io.StringIO(), io.StringIO()
    provider = controller.snapshot().provider
    prompt = Prompt("count", provider, "json", setting=Setting(schema=str(tmp_path / "schema.json")))
    assert ask(controller, prompt, None, out, told) == code
    assert (json.loads(out.getvalue()), "is not of type" in told.getvalue()) == ({"n": 1}, bool(code))
