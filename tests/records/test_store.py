"""Text made safe on its way in, and database errors that quote nothing."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError, IntegrityError, NoResultFound, OperationalError

from bot.records import InvalidValue, Records, StorageError, database
from bot.records.store import plain, required, translated


def test_ping_proves_that_the_tables_are_there(records: Records) -> None:
    records.ping()


def test_ping_fails_without_tables(empty_url: str) -> None:
    records = Records(empty_url)
    with pytest.raises(StorageError, match="escalations"):
        records.ping()
    records.close()


def test_closed_records_open_again(records: Records) -> None:
    records.close()
    records.ping()


def test_without_a_redactor_patterns_are_redacted_all_the_same(
    records: Records, escalate: Callable[..., str]
) -> None:
    reference = escalate(text="i am tom, write to tom@example.org")
    assert records.escalation(reference).excerpt == "i am [name], write to [email]"


def test_a_redactor_is_used_if_given(url: str) -> None:
    records = Records(url, redact=str.upper)
    feedback = records.add_feedback(
        conversation=None, topic="pain", helpful=False, comment="too long"
    )
    (found,) = records.feedback()
    assert (found.id, found.comment) == (feedback, "TOO LONG")


def test_an_escalation_is_recorded_even_if_redaction_fails(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(text: str) -> str:
        raise RuntimeError(text)

    records = Records(url, redact=broken)
    reference = records.open_escalation(
        outcome="crisis", channel="web", conversation=None, message_key="1", text="my secret"
    )
    assert records.escalation(reference).excerpt is None
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("text", ["", None, " \n\t "])
def test_no_text_leaves_no_excerpt(
    records: Records, escalate: Callable[..., str], text: str | None
) -> None:
    assert records.escalation(escalate(text=text)).excerpt is None


def test_a_long_text_is_shortened_after_redaction(
    records: Records, escalate: Callable[..., str]
) -> None:
    address = "someone@example.org"
    reference = escalate(text="word " * 97 + address + " tail" * 20)
    excerpt = records.escalation(reference).excerpt
    assert excerpt is not None
    assert len(excerpt) <= 500
    assert excerpt.endswith("…")
    assert "someone" not in excerpt


@given(st.text(st.characters(exclude_categories=()), max_size=50))
def test_plain_text_is_one_printable_line(text: str) -> None:
    cleaned = plain(text)
    assert cleaned.isprintable()
    assert cleaned == plain(cleaned)
    cleaned.encode()


def test_what_a_terminal_would_obey_is_taken_out() -> None:
    assert plain("a\x1b[31mred\r\nb\x00\ud800") == "a [31mred b"


def test_a_required_value_is_cleaned() -> None:
    assert required(" Ann \n", "the name") == "Ann"


def test_a_required_value_must_not_be_empty() -> None:
    with pytest.raises(InvalidValue, match="the name must not be empty"):
        required(" \n", "the name")


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        (OperationalError("S", {}, Exception("disk full\nmore")), "disk full"),
        (OperationalError("S", {}, Exception("")), "Exception"),
        (IntegrityError("S", {}, KeyError("my secret")), "KeyError"),
        (DBAPIError("S", {}, KeyError("my secret")), "KeyError"),
        (NoResultFound("my secret"), "NoResultFound"),
        (ValueError("my secret"), "ValueError"),
    ],
)
def test_database_errors_become_ours_and_quote_no_row(failure: Exception, says: str) -> None:
    with pytest.raises(StorageError) as translation, translated():
        raise failure
    assert str(translation.value) == f"the records database failed: {says}"
    assert translation.value.__suppress_context__


def test_what_the_database_cannot_hold_is_a_storage_error(records: Records) -> None:
    with pytest.raises(StorageError, match="UnicodeEncodeError"):
        records.begin_erasure(conversation="c", sender="\ud800")


def test_the_engine_hides_parameters(url: str) -> None:
    assert database.connect(url).hide_parameters
