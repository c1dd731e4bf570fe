"""Composing: texts, disclaimers, sources and buttons of every kind of reply."""

from dataclasses import replace

import pytest

from bot.content import Content
from bot.reply.compose import MAX_BUTTONS, MAX_TITLE, Composer, View
from bot.reply.contract import Reply, validate
from bot.reply.outcomes import ANSWER_TOPICS, Part

NEW = View()
CRISIS = View(crisis_open=True)
PAIN = Part("answer", "pain")
DEFINITION = Part("answer", "long_covid_definition")


def payloads(reply: Reply) -> list[str]:
    return [button.payload for button in reply.suggestions]


@pytest.mark.parametrize("topic", ANSWER_TOPICS)
@pytest.mark.parametrize("deeper", [False, True])
def test_every_answer_is_its_text_then_disclaimers_and_source(
    composer: Composer, content: Content, topic: str, deeper: bool
) -> None:
    answer = content.answers[topic]
    reply = composer.answer([Part("answer", topic)], NEW, deeper)
    validate(reply.payload())
    text, footer = reply.texts
    assert text == (answer.more if deeper else answer.text)
    assert reply.disclaimers == answer.disclaimers
    assert reply.sources == tuple(content.sources_of(answer))
    assert payloads(reply) == [f"/ask_{name}" for name in answer.suggestions]
    sections = "; ".join(section for section, _ in reply.sources)
    assert footer.splitlines()[-1] == f"From my source: {sections}."


def test_disclaimers_stand_in_full_the_first_time(composer: Composer, content: Content) -> None:
    lines = composer.answer([PAIN], NEW).texts[-1].splitlines()
    ids = content.answers["pain"].disclaimers
    assert lines[:-1] == [content.disclaimers[name].full for name in ids]


def test_disclaimers_stand_as_one_line_later(composer: Composer, content: Content) -> None:
    shown = View(frozenset({"education_only", "qualified_professionals_only"}))
    lines = composer.answer([PAIN], shown).texts[-1].splitlines()
    assert lines[:-1] == [
        content.disclaimers["education_only"].short,
        content.disclaimers["ketamine_early_evidence"].full,
        content.disclaimers["qualified_professionals_only"].short,
    ]
    every = View(frozenset(content.disclaimers))
    again = composer.answer([PAIN], every)
    assert again.disclaimers == content.answers["pain"].disclaimers
    assert all(content.disclaimers[name].short in again.texts[-1] for name in again.disclaimers)


def test_several_questions_are_all_answered_in_one_reply(
    composer: Composer, content: Content
) -> None:
    reply = composer.answer([DEFINITION, PAIN, DEFINITION], NEW)
    validate(reply.payload())
    answers = [content.answers["long_covid_definition"], content.answers["pain"]]
    assert list(reply.texts[:-1]) == [answer.text for answer in answers]
    assert reply.disclaimers == content.answers["pain"].disclaimers
    expected = {section for answer in answers for section, _ in content.sources_of(answer)}
    sections = [section for section, _ in reply.sources]
    assert sorted(sections) == sorted(expected)
    assert len(payloads(reply)) == MAX_BUTTONS


def test_a_section_that_two_answers_share_is_named_once_with_the_claims_of_both(
    composer: Composer, content: Content
) -> None:
    parts = [PAIN, Part("answer", "fatigue")]
    sources = dict(composer.answer(parts, NEW).sources)
    both = [dict(content.sources_of(content.answers[part.topic or ""])) for part in parts]
    shared = set(both[0]) & set(both[1])
    assert shared
    for section in shared:
        assert set(sources[section]) == {*both[0][section], *both[1][section]}
        assert len(sources[section]) == len(set(sources[section]))


def test_what_was_just_answered_is_not_suggested(composer: Composer, content: Content) -> None:
    assert "evidence" in content.answers["pain"].suggestions
    reply = composer.answer([PAIN, Part("answer", "evidence")], NEW)
    assert "/ask_evidence" not in payloads(reply)


@pytest.mark.parametrize("outcome", ["not_covered", "off_topic"])
def test_what_the_source_lacks_is_said_beside_an_answer(
    composer: Composer, content: Content, outcome: str
) -> None:
    reply = composer.answer([PAIN, Part(outcome)], NEW)
    validate(reply.payload())
    assert reply.texts[1] == content.messages["also_not_covered"].text
    assert reply.payload()["parts"] == [PAIN.as_dict(), {"outcome": outcome}]


def test_that_line_stands_only_where_something_was_missed(
    composer: Composer, content: Content
) -> None:
    texts = composer.answer([PAIN, Part("smalltalk", "thanks")], NEW).texts
    assert content.messages["also_not_covered"].text not in texts


@pytest.mark.parametrize("outcome", ["dosing", "personal_advice", "obtaining", "human"])
def test_a_referral_names_professionals_and_the_reference(
    composer: Composer, content: Content, outcome: str
) -> None:
    reply = composer.refer(outcome, [Part(outcome)], "E-7F3K2Q", NEW)
    payload = reply.payload()
    validate(payload)
    text, line = reply.texts
    contacts = "\n".join(f"- {contact['text']}" for contact in payload["referral"]["contacts"])
    assert text == content.messages[outcome].text.format(contacts=contacts)
    assert bool(contacts) == (outcome == "dosing")
    assert "Your reference is E-7F3K2Q." in line
    assert payload["escalation"] == "E-7F3K2Q"
    assert payload["referral"]["kind"] == ("human" if outcome == "human" else "professional")
    assert payload["referral"]["who"] == list(content.messages[outcome].referrals)
    assert set(payload["referral"]["who"]) <= set(content.referrals)
    assert len(payload["suggestions"]) <= MAX_BUTTONS


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("", {"poison_help_us", "nhs_111", "poison_local"}),
        ("us", {"poison_help_us", "poison_local"}),
        ("fr", {"poison_local"}),
    ],
)
def test_a_dosing_referral_carries_poison_control_of_the_region(
    content: Content, region: str, expected: set[str]
) -> None:
    reply = Composer(content, region).refer("dosing", [Part("dosing")], "E-7F3K2Q", NEW)
    assert {contact["id"] for contact in reply.payload()["referral"]["contacts"]} == expected


def test_no_text_shows_a_placeholder(composer: Composer) -> None:
    for outcome in ("dosing", "personal_advice", "obtaining", "human"):
        reply = composer.refer(outcome, [Part(outcome)], "E-7F3K2Q", CRISIS)
        assert not [text for text in reply.texts if "{" in text or "}" in text]


def test_a_question_beside_a_referral_is_answered_after_it(
    composer: Composer, content: Content
) -> None:
    reply = composer.refer("dosing", [Part("dosing"), PAIN], "E-7F3K2Q", NEW)
    payload = reply.payload()
    validate(payload)
    assert payload["outcome"] == "dosing"
    assert [text[:20] for text in reply.texts[:3]] == [
        content.messages["dosing"].text[:20],
        "Your reference is E-",
        content.answers["pain"].text[:20],
    ]
    assert reply.disclaimers == content.answers["pain"].disclaimers
    assert reply.texts[3].splitlines()[-1].startswith("From my source: ")
    assert payloads(reply) == [f"/ask_{name}" for name in content.answers["pain"].suggestions]


@pytest.mark.parametrize("outcome", ["not_covered", "off_topic"])
def test_turning_away_says_who_could_answer(
    composer: Composer, content: Content, outcome: str
) -> None:
    reply = composer.turn_away(Part(outcome), "E-7F3K2Q", NEW, offer_human=False)
    validate(reply.payload())
    assert reply.texts[0] == content.messages[outcome].text
    assert reply.payload()["referral"]["who"] == list(content.messages[outcome].referrals)
    assert "/human" not in payloads(reply)


def test_turning_away_again_offers_a_person_first(composer: Composer, content: Content) -> None:
    reply = composer.turn_away(Part("off_topic"), "E-7F3K2Q", NEW, offer_human=True)
    validate(reply.payload())
    assert reply.texts[-1] == content.messages["offer_human"].text
    assert payloads(reply)[0] == "/human"
    assert len(payloads(reply)) == MAX_BUTTONS


def test_a_message_is_said_with_its_values(composer: Composer) -> None:
    reply = composer.say("privacy", Part("smalltalk", "privacy"), NEW, days="90")
    validate(reply.payload())
    assert "for 90 days" in reply.texts[0]
    assert payloads(reply) == [
        "/ask_source",
        "/ask_long_covid_definition",
        "/ask_ketamine_overview",
    ]


def test_readings_are_offered_as_buttons(composer: Composer, content: Content) -> None:
    reply = composer.ask("clarify", ["ask_pain", "human", "ask_pain", "ask_evidence"], NEW)
    validate(reply.payload())
    assert reply.outcome == "clarify"
    assert [(button.title, button.payload) for button in reply.suggestions] == [
        (content.answers["pain"].question, "/ask_pain"),
        ("Talk to a person", "/human"),
        (content.answers["evidence"].question, "/ask_evidence"),
    ]


def test_without_readings_the_messages_own_suggestions_are_offered(
    composer: Composer, content: Content
) -> None:
    reply = composer.ask("clarify_empty", (), NEW)
    own = content.messages["clarify_empty"].suggestions
    assert payloads(reply) == [f"/ask_{name}" for name in own]


def test_there_are_never_more_than_three_buttons(composer: Composer) -> None:
    assert len(composer.buttons(ANSWER_TOPICS)) == MAX_BUTTONS == 3


def test_every_label_and_question_fits_a_button(composer: Composer, content: Content) -> None:
    for name in (*content.labels, *content.answers):
        (button,) = composer.buttons([name])
        assert 0 < len(button.title) <= MAX_TITLE
        known = content.labels.get(name) or content.answers[name].question
        assert button.title == known


def test_a_title_that_is_too_long_is_cut_to_what_the_contract_allows(content: Content) -> None:
    long = replace(content.answers["pain"], question="x" * 50)
    wordy = replace(
        content,
        answers={**content.answers, "pain": long},
        labels={**content.labels, "human": "y" * 50},
    )
    titles = [button.title for button in Composer(wordy).buttons(["pain", "human"])]
    assert titles == ["x" * MAX_TITLE, "y" * MAX_TITLE]


def test_after_a_crisis_every_reply_ends_with_the_help_line(composer: Composer) -> None:
    replies = [
        composer.answer([PAIN], CRISIS),
        composer.refer("dosing", [Part("dosing"), PAIN], "E-7F3K2Q", CRISIS),
        composer.turn_away(Part("off_topic"), "E-7F3K2Q", CRISIS, offer_human=True),
        composer.say("greet", Part("smalltalk", "greet"), CRISIS),
        composer.ask("clarify", ["ask_pain"], CRISIS),
    ]
    for reply in replies:
        validate(reply.payload())
        last = reply.texts[-1]
        assert last.startswith("We are still with you")
        assert "988" in last
        assert "findahelpline.com" in last
        assert "\n" not in last
        assert reply.messages()[-2].get("buttons")


def test_the_help_line_is_that_of_the_region(content: Content) -> None:
    last = Composer(content, "gb").say("greet", Part("smalltalk", "greet"), CRISIS).texts[-1]
    assert "116 123" in last
    assert "988" not in last


def test_without_a_crisis_there_is_no_help_line(composer: Composer) -> None:
    texts = composer.answer([PAIN], NEW).texts
    assert not [text for text in texts if "We are still with you" in text]


def test_the_next_topic_is_a_suggestion_that_was_not_seen(
    composer: Composer, content: Content
) -> None:
    first, second, third = content.answers["pain"].suggestions
    assert composer.next_topic("pain", []) == first
    assert composer.next_topic("pain", [first, "pain"]) == second
    later = composer.next_topic("pain", [first, second, third])
    assert later == ANSWER_TOPICS[ANSWER_TOPICS.index("pain") + 1]


def test_the_next_topic_comes_round_to_the_first_and_ends_when_all_were_seen(
    composer: Composer,
) -> None:
    assert composer.next_topic("source", ANSWER_TOPICS[1:]) == ANSWER_TOPICS[0]
    assert composer.next_topic("pain", ANSWER_TOPICS) is None
