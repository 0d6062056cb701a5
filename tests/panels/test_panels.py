"""The other panels in the window: context, request, settings, log, startup; the status bar and the notices."""

import json

import pytest
from imgui_bundle import imgui
from src import markdown_helper
from src.chat import Message
from src.models.prices import Money
from src.panels import file_tree, startup
from src.panels.composer import describe
from src.panels.status_bar import warmup_label
from src.panels.toasts import place
from src.privacy.detector import Finding, digest_of
from src.request.preview import RequestPreview
from src.window.flow import Flow
from tests.conftest import ECHO, settled, wait_until
from tests.panels.test_discussion import add
from tests.window_driver import clipboard, press

from importguard.warmup import JobStatus, WarmupJob

PROJECT = (*ECHO, WarmupJob("tomlkit", group=3))


@pytest.fixture
def project(make_controller, tmp_path):
    """A controller with a small project open."""
    folder = tmp_path / "project"
    for path, text in {"README.md": "read me", "src/a.py": "a = 1", "src/b.py": "b = 2", "src/deep/c.py": "c"}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    controller = make_controller(PROJECT)
    controller.project.create(str(folder)).result(15)
    wait_until(controller, lambda: not controller.project.snapshot().scanning and controller.project.snapshot().files)
    return controller


def included(controller):
    return sorted(file.path for file in controller.project.snapshot().files if file.included)


def until_included(controller, expected):
    wait_until(controller, lambda: included(controller) == expected)


# Context


def test_files_and_folders_are_chosen_with_their_boxes(drive, project):
    def steps(context, gui):
        context.item_click("//Context/**/README.md/##sent")
        until_included(project, ["README.md"])
        context.yield_(3)
        context.item_click("//Context/**/src/###open")
        context.yield_(3)
        context.item_click("//Context/**/src/##sent")
        until_included(project, ["README.md", "src/a.py", "src/b.py", "src/deep/c.py"])
        context.yield_(3)
        context.item_click("//Context/**/src\\/b.py/##sent")
        until_included(project, ["README.md", "src/a.py", "src/deep/c.py"])

    drive(steps, project)


def test_a_file_is_pinned(drive, project):
    def steps(context, gui):
        context.item_click("//Context/**/README.md/###pin")
        wait_until(project, lambda: [file.path for file in project.snapshot_files() if file.pinned])

    project.snapshot_files = lambda: project.project.snapshot().files
    drive(steps, project)
    assert project.project.snapshot().project.pinned == ("README.md",)


def test_a_file_is_made_read_only_in_its_menu(drive, project):
    def steps(context, gui):
        context.item_click("//Context/**/README.md/###file", imgui.MouseButton_.right)
        context.yield_(2)
        context.item_click("//$FOCUSED/Read-only: tools do not edit it")
        wait_until(project, lambda: project.project.snapshot().project.read_only)

    drive(steps, project)
    assert project.project.snapshot().project.read_only == {"README.md"}


def test_patterns_choose_files(drive, project):
    def steps(context, gui):
        context.item_click("//Context/###patterns")
        context.yield_(2)
        context.item_click("//Context/##include")
        context.key_chars("src/*.py")
        context.yield_(2)
        context.item_click("//Context/Use these patterns")
        until_included(project, ["src/a.py", "src/b.py"])

    drive(steps, project)


def test_files_are_found_by_name(drive, project):
    def steps(context, gui):
        context.item_click("//Context/##filter")
        context.key_chars("deep/c")
        context.yield_(3)
        assert [row.path for row in gui.made["Context"]._rows[1]] == ["src", "src/deep", "src/deep/c.py"]

    drive(steps, project)


def test_a_project_is_opened_from_the_empty_panel_and_closed(drive, make_controller, tmp_path):
    (tmp_path / "fresh").mkdir()
    controller = make_controller(PROJECT)

    def steps(context, gui):
        context.item_click("//Context/###project.create")
        context.yield_(3)
        context.key_chars(str(tmp_path / "fresh"))
        press(context, "Enter")
        wait_until(controller, lambda: controller.project.snapshot().project)
        context.yield_(3)
        context.item_click("//Context/###close")
        wait_until(controller, lambda: controller.project.snapshot().project is None)

    drive(steps, controller)


def test_a_tree_has_sums_and_shows_only_open_folders(project):
    files = project.project.snapshot().files
    tree = file_tree.build(files)
    assert [row.path for row in file_tree.rows(tree, ())] == ["src", "README.md", "sloppy.toml"]
    opened = file_tree.rows(tree, {"src"})
    assert [(row.path, row.depth) for row in opened][:4] == [
        ("src", 0),
        ("src/deep", 1),
        ("src/a.py", 1),
        ("src/b.py", 1),
    ]
    assert (opened[0].size, opened[0].chosen) == (3, 0)
    assert {file.path for file in file_tree.files_below(files, "src/deep")} == {"src/deep/c.py"}


# Composer


def test_the_composer_can_be_used_at_twice_the_size_of_text_and_is_as_before_after_it(drive):
    def heights(gui):
        area = gui.made["Composer"].area
        return area.y, area.w

    def steps(context, gui):
        context.yield_(4)
        before = heights(gui)
        gui.controller.settings.change(font_scale=2.0)
        gui.controller.composer.set_text("one\ntwo")
        context.yield_(8)
        top, bottom = heights(gui)
        text, send = (context.item_info(f"//Composer/###{name}").rect_full for name in ("text", "send"))
        assert top < text.min.y < send.min.y < send.max.y < bottom
        assert text.max.y - text.min.y > 2 * imgui.get_font_size()
        gui.controller.settings.change(font_scale=1.0)
        context.yield_(8)
        assert heights(gui) == before

    drive(steps)


# Request


def test_the_request_is_shown_part_by_part_and_copied(drive, make_controller):
    def steps(context, gui):
        add(gui.controller, Message.of("user", "first"), Message.of("assistant", "second"))
        gui.controller.composer.set_text("third")
        gui.show_panel("Request")
        context.yield_(4)
        assert [part.text for part in gui.controller.preview().parts] == ["first", "second", "third"]
        context.item_click("//Request/**/###part1")
        context.yield_(2)
        context.item_click("//Request/Copy this part")
        assert clipboard() == "second"
        context.item_click("//Request/###copy")
        assert "third" in json.dumps(json.loads(clipboard()))

    controller = make_controller()
    assert controller.wait_for_warmup(60)
    drive(steps, controller)


def test_each_turn_of_the_request_shows_how_it_begins(drive):
    def steps(context, gui):
        add(gui.controller, Message.of("user", "first\n\nof all"), Message.of("assistant", "second"))
        gui.controller.composer.set_text("third " * 50)
        gui.show_panel("Request")
        context.yield_(4)
        gui.read_next_frame()
        context.yield_(2)
        rows = [line for line in gui.screen().lines if line.startswith("| ")]
        assert rows[1:3] == ["| Turn | 1. user first of all | 8 |", "| Turn | 2. assistant second | 6 |"]
        assert rows[3].startswith("| What is typed | third third third")

    drive(steps)


@pytest.mark.parametrize(
    ("preview", "expected"),
    [
        (RequestPreview((), 1234, False, None, None, "", True), "~1,234 tokens   price unknown"),
        (RequestPreview((), 500, True, 1000, Money(2_000_000), "", True), "500 tokens   50% of the window   $0.0020"),
        (RequestPreview((), 1, False, 1000, Money(0), "", True), "~1 tokens   $0"),
    ],
)
def test_an_estimate_is_marked_and_an_unknown_price_is_no_zero(preview, expected):
    assert describe(preview) == expected


def test_what_is_no_secret_is_said_and_taken_back_where_the_request_is_shown(drive, project, tmp_path):
    (tmp_path / "project" / "conf.ini").write_text("session_token = 9fK2mQ7xVb3LpR8sTn5WzY1cAe4HdGj6\n")
    project.project.set_globs(("*.ini",), ())
    wait_until(project, lambda: project.project.snapshot().held)

    def steps(context, gui):
        gui.show_panel("Request")
        context.yield_(4)
        context.item_click("//Request/Not a secret...###accept conf.ini")
        context.yield_(3)
        context.item_click("//$FOCUSED/It is no secret")
        until_included(project, ["conf.ini"])
        context.yield_(3)
        (part,) = project.preview().parts
        assert [str(one) for one in part.accepted] == ["what looks like a key in line 1"]
        context.item_click("//Request/Take that back")
        wait_until(project, lambda: project.project.snapshot().held)
        assert included(project) == []
        context.yield_(3)
        gui.show_panel("Context")
        context.yield_(4)
        context.item_click("//Context/**/conf.ini/###accept")
        context.yield_(3)
        context.item_click("//$FOCUSED/Cancel")
        assert [name for name in commands(gui) if "conf.ini" in name] == ["context.accept.conf.ini"]
        gui.commands.run("context.accept.conf.ini")
        context.yield_(3)
        context.item_click("//$FOCUSED/It is no secret")
        until_included(project, ["conf.ini"])
        assert [name for name in commands(gui) if "conf.ini" in name] == ["context.take_back.conf.ini"]
        gui.commands.run("context.take_back.conf.ini")
        until_included(project, [])

    drive(steps, project)


def test_what_was_hidden_in_the_answer_of_a_tool_is_said_to_be_no_secret(drive, project):
    finding = Finding("what looks like a key", 3, "sett..., 14 characters", digest_of("settings.token"))
    project.hidden.add("read_file", finding)

    def steps(context, gui):
        gui.show_panel("Request")
        context.yield_(4)
        context.item_click("//Request/###hidden")
        context.yield_(3)
        context.item_click(f"//Request/**/###accept {finding.digest}")
        context.yield_(3)
        context.item_click("//$FOCUSED/It is no secret")
        context.yield_(3)
        assert project.project.snapshot().project.not_secret == {finding.digest}
        assert [name for name in commands(gui) if "context.accept" in name] == []

    drive(steps, project)


def test_the_files_that_went_out_with_a_turn_are_shown_in_the_request(drive, project, tmp_path):
    project.project.set_included("src/a.py", True)
    until_included(project, ["src/a.py"])
    assert project.wait_for_warmup(60)
    assert project.send("look at it").accepted
    settled(project)
    (tmp_path / "project" / "src/a.py").write_text("a = 2")

    def steps(context, gui):
        gui.turns.chosen = 1
        gui.commands.run("message.files")
        wait_until(project, lambda: project.sent_files(1))
        context.yield_(4)
        assert project.preview().parts[gui.made["Request"].chosen].text == "look at it"
        context.item_click("//Request/###sent")
        context.yield_(3)
        (one,) = project.sent_files(1)
        assert (one.file.path, one.file.size, one.change) == ("src/a.py", 5, "changed since")
        assert context.item_exists("//Request/**/sent")

    drive(steps, project)


def commands(gui):
    return [one.id for one in gui.commands.all()]


# Settings


def test_looks_and_caps_are_changed(drive):
    def steps(context, gui):
        gui.commands.run("settings.keys")
        context.yield_(4)
        context.item_click("//Settings/Looks/##theme")
        context.item_click("//$FOCUSED/Light")
        context.item_check("//Settings/Looks/Reduce it")
        context.item_open("//Settings/Requests")
        context.yield_(2)
        context.item_check("//Settings/Requests/Ask for them")
        context.item_input_value("//Settings/Requests/##tokens", 5000)
        context.yield_(2)
        settings = gui.controller.settings.snapshot()
        assert (settings.theme, settings.reduced_motion, settings.thinking, settings.token_cap) == (
            "light",
            True,
            True,
            5000,
        )

    drive(steps)


def test_an_endpoint_is_added_and_a_wrong_one_refused(drive):
    def steps(context, gui):
        gui.commands.run("settings.keys")
        context.yield_(4)
        context.item_open("//Settings/Endpoints")
        context.yield_(2)
        for address, count in (("ftp://nowhere", 0), ("http://127.0.0.1:11434/v1", 1)):
            for name, value in {"name": "ollama", "base_url": address, "models": "llama4, qwen3"}.items():
                context.item_input_value(f"//Settings/**/##{name}", value)
            context.item_click("//Settings/**/Add the endpoint")
            context.yield_(2)
            assert len(gui.controller.settings.snapshot().endpoints) == count
        assert gui.controller.settings.snapshot().endpoints[0].models == ("llama4", "qwen3")
        context.item_click("//Settings/**/###remove")
        context.yield_(2)
        assert gui.controller.settings.snapshot().endpoints == ()

    drive(steps)


def test_a_key_is_kept_and_never_shown(drive, monkeypatch):
    kept = []

    def steps(context, gui):
        monkeypatch.setattr(gui.controller.errands, "keep_key", lambda name, value: kept.append((name, value)))
        gui.commands.run("settings.keys")
        context.yield_(4)
        context.item_click("//Settings/**/anthropic/##key")
        context.key_chars("sk-secret")
        context.yield_(2)
        context.item_click("//Settings/**/anthropic/Save")
        context.yield_(2)
        assert set(gui.made["Settings"].keys.values()) == {""}

    drive(steps)
    assert kept == [("ANTHROPIC_API_KEY", "sk-secret")]


def test_a_shortcut_is_recorded_its_conflict_shown_and_reset(drive):
    def steps(context, gui):
        gui.commands.run("settings.shortcuts")
        context.yield_(6)
        context.item_click("//Settings/**/discussion.new/###keys")
        context.yield_(2)
        press(context, "Ctrl+F")
        settings = gui.controller.settings
        assert settings.snapshot().shortcuts == {"discussion.new": "Ctrl+F"}
        command = gui.commands.find("discussion.new")
        assert [one.id for one in gui.commands.conflicts(command)] == ["discussion.search"]
        assert not gui.made["Discussion"].search.is_open
        context.yield_(2)
        context.item_click("//Settings/**/discussion.new/###reset")
        context.yield_(2)
        assert settings.snapshot().shortcuts == {}

    drive(steps)


# Log


def test_the_log_is_filtered_and_copied(drive):
    def steps(context, gui):
        gui.controller.log.add("info", "here", "all is well")
        gui.controller.log.add("error", "there", "the disk is full")
        gui.show_panel("Log")
        context.yield_(4)
        context.item_click("//Log/##search")
        context.key_chars("disk")
        context.yield_(3)
        context.item_click("//Log/Copy")
        assert clipboard().endswith("error   there: the disk is full")
        assert "all is well" not in clipboard()

    drive(steps)


# Startup


def test_the_time_line_has_the_phases_then_the_jobs_in_their_order():
    marks = {"main": 10.0, "controller": 20.0, "immapp.run": 25.0, "first frame": 40.0, "warmup done": 300.0}
    jobs = (
        JobStatus("second", "completed", 100.0, 2),
        JobStatus("first", "failed", 50.0, 1, failure="no"),
        JobStatus("waits", "pending"),
        JobStatus("tiny", "completed", 0.1, 3),
    )
    assert [(bar.label, bar.begin, bar.end, bar.kind) for bar in startup.time_line(marks, jobs)] == [
        ("interpreter", 0.0, 10.0, "phase"),
        ("controller", 10.0, 20.0, "phase"),
        ("first frame", 25.0, 40.0, "phase"),
        ("first", 40.0, 90.0, "failed"),
        ("second", 90.0, 190.0, "completed"),
    ]


def test_a_failed_job_is_retried_from_its_panel(drive, make_controller, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    module = tmp_path / "mended_later.py"
    module.write_text("raise RuntimeError('no key')")
    controller = make_controller([WarmupJob("mended_later")])
    assert controller.wait_for_warmup(60)
    # Another length: bytecode written in the same second for a text of the same length would still count as fresh.
    module.write_text("mended = True")

    def steps(context, gui):
        gui.show_panel("Startup")
        context.yield_(4)
        context.item_click("//Startup/**/###retry mended_later")

    drive(steps, controller)
    assert controller.wait_for_warmup(60)
    assert controller.warmup_status().completed == ("mended_later",)


# The status bar and the notices


@pytest.mark.parametrize(
    ("jobs", "start", "label"),
    [(ECHO, False, "Warming up... (0/2)"), (ECHO, True, "All imports ready")],
)
def test_the_status_bar_tells_how_far_the_warmup_is(make_controller, jobs, start, label):
    controller = make_controller(jobs, start=start)
    assert controller.wait_for_warmup(60 if start else 0) == start
    assert warmup_label(controller)[0] == label


def test_a_failed_job_shows_its_reason(make_controller):
    controller = make_controller([WarmupJob("no_such_module_at_all")])
    assert controller.wait_for_warmup(60)
    expected = "1 not ready: no_such_module_at_all (ModuleNotFoundError: No module named 'no_such_module_at_all')"
    assert warmup_label(controller)[0] == expected


def test_a_notice_goes_by_itself_or_at_a_click_and_a_sticky_one_stays(drive):
    def steps(context, gui):
        toasts = gui.controller.toasts
        wait_until(gui.controller, lambda: gui.controller.warmup_status().done)
        for toast in toasts.snapshot():
            toasts.dismiss(toast.number)
        first = toasts.add("stays", "error", sticky=True)
        toasts.add("goes", "info")
        context.yield_(3)
        context.sleep_no_skip(6.0, 0.5)
        context.yield_(2)
        assert [toast.text for toast in toasts.snapshot()] == ["stays"]
        context.item_click(f"//###toast{first.number}/###dismiss")
        context.yield_(2)
        assert toasts.snapshot() == ()

    drive(steps)


def rectangle(left, top, right, bottom):
    return imgui.ImVec4(left, top, right, bottom)


AREA = rectangle(0, 0, 1000, 800)


@pytest.mark.parametrize(
    ("composer", "expected"),
    [
        (rectangle(300, 600, 700, 800), (700, 800, True, 4)),
        (rectangle(600, 600, 1000, 800), (700, 600, True, 4)),  # just above it, and no head of a panel is covered
        (rectangle(600, 300, 1000, 800), (0, 800, True, 4)),
        (rectangle(600, 0, 1000, 800), (0, 800, True, 4)),
        (rectangle(0, 250, 1000, 550), (700, 800, True, 2)),
        (rectangle(0, 0, 1000, 800), (700, 0, False, 1)),
    ],
)
def test_notices_stay_out_of_the_composer(composer, expected):
    assert place(AREA, [composer], (300, 100), 4) == expected


# Flows


def test_a_flow_draws_only_what_is_seen_and_knows_heights_afterwards(drive):
    flow, drawn = Flow(), []

    class Rows:
        def draw(self, controller):
            drawn.clear()
            flow.resize(1000, lambda number: 10.0)

            def draw_row(number):
                drawn.append(number)
                imgui.dummy((10, 50))

            flow.draw(draw_row)

    def steps(context, gui):
        gui.made["Discussion"] = Rows()
        context.yield_(4)
        assert drawn[0] == 0
        assert len(drawn) < 40
        spacing = imgui.get_style().item_spacing.y
        assert flow.height_of(0) == pytest.approx(50 + spacing, abs=1)
        assert flow.height_of(999) == 10.0

    drive(steps)


def test_a_document_forgets_nothing_of_a_shorter_text(drive):
    document = markdown_helper.Document("one")

    class Rows:
        text = "a\n\nb\n\nc"

        def draw(self, controller):
            document.draw(self.text)

    def steps(context, gui):
        rows = gui.made["Discussion"] = Rows()
        context.yield_(3)
        rows.text = "a"
        context.yield_(3)
        assert len(document._blocks) == 1

    drive(steps)


# Approvals


def test_an_edit_is_shown_with_its_buttons_and_answered(drive):
    def steps(context, gui):
        context.yield_(5)  # the panels have their first places
        approvals = gui.controller.approvals
        diff = "--- a/x\n+++ b/x\n" + "\n".join(f"+line {number}" for number in range(400))
        answers = [
            approvals.ask("edit", "x: a change", diff),
            approvals.ask("command", "run the tests", "pytest\nin /x"),
        ]
        context.yield_(12)
        assert context.window_info("//Approvals").window.scroll_max.y == 0  # however long the diff is
        detail = next(one for one in imgui.get_current_context().windows if "/detail_" in one.name)
        imgui.internal.set_scroll_y(detail, detail.scroll_max.y)  # the end of it has to be seen
        context.yield_(3)
        context.item_click("//Approvals/###approve")
        assert answers[0].result(5) is True
        context.yield_(3)
        context.item_click("//Approvals/###deny")
        assert answers[1].result(5) is False

    drive(steps)


def test_approvals_are_answered_from_the_palette_too(drive):
    def steps(context, gui):
        answer = gui.controller.approvals.ask("command", "run", "ls\nin /x")
        gui.commands.run("approval.deny")
        assert answer.result(5) is False
        assert gui.commands.run("approval.approve") == "nothing waits for you"

    drive(steps)


def test_tools_are_switched_on_for_the_discussion(drive):
    def steps(context, gui):
        gui.show_panel("Approvals")
        context.yield_(4)
        context.item_check("//Approvals/read_file")
        context.yield_(2)
        assert gui.controller.discussion.snapshot().tools == ("read_file",)
        context.item_uncheck("//Approvals/read_file")
        context.yield_(2)
        assert gui.controller.discussion.snapshot().tools == ()

    drive(steps)
