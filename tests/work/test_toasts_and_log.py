import logging

from src.work.log_book import MAX_RECORDS, MAX_TEXT, LogBook
from src.work.toasts import MAX_TOASTS, Toasts


def test_the_same_notice_again_takes_the_place_of_the_first():
    toasts = Toasts(lambda: None)
    first = toasts.add("full", "error")
    second = toasts.add("full", "error")
    assert (toasts.snapshot(), second.number) == ((second,), first.number + 1)


def test_notices_are_few_and_a_sticky_one_outlives_the_others():
    toasts = Toasts(lambda: None)
    sticky = toasts.add("keep", sticky=True)
    for number in range(MAX_TOASTS + 5):
        toasts.add(str(number))
    shown = toasts.snapshot()
    assert (len(shown), shown[0], shown[1].text) == (MAX_TOASTS, sticky, "6")
    toasts.dismiss(sticky.number)
    toasts.dismiss(12345)
    assert toasts.snapshot() == shown[1:]


def test_a_change_is_told_and_a_dismissal_of_nothing_is_not():
    told = []
    toasts = Toasts(lambda: told.append(1))
    toasts.dismiss(toasts.add("x").number)
    toasts.dismiss(99)
    assert len(told) == 2


def test_the_log_is_bounded_and_redacted():
    log = LogBook(lambda text: text.replace("key", "[hidden]"))
    for number in range(MAX_RECORDS + 3):
        log.add("info", "test", f"{number} key")
    log.add("info", "test", "x" * (MAX_TEXT + 7))
    records = log.snapshot()
    assert (len(records), records[0].text) == (MAX_RECORDS, "4 [hidden]")
    assert records[-1].text.endswith("... (7 more characters)")


def test_what_libraries_log_is_kept_and_a_wrong_format_does_no_harm():
    log = LogBook()
    logger = logging.getLogger("a.library")
    logger.addHandler(log)
    logger.propagate = False
    try:
        logger.info("not kept")
        logger.warning("kept %s", 1)
        logger.error("odd %d", "x")
    finally:
        logger.removeHandler(log)
        logger.propagate = True
    assert [(one.level, one.source, one.text.partition(" (")[0]) for one in log.snapshot()] == [
        ("warning", "a.library", "kept 1"),
        ("error", "a.library", "odd %d"),
    ]
