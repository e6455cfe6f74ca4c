"""Texts become fields: a browser ends lines with CR LF (HTML, form submission), which is no control code to refuse."""

from __future__ import annotations

from tarazy.authority.desk import ACTS
from tarazy.platform.signed_acts.texts import body_from_texts

from .consultation.test_consultation import COMMENT, published
from .office import Office


def test_paragraphs_from_a_browser_s_form_are_taken(office: Office) -> None:
    texts = {"rule": "R73", "stance": "change", "text": "One.\r\n\r\nTwo.", "publish": "yes", "name": ""}
    body = body_from_texts("comment", ACTS["comment.receive"].fields, texts)
    assert body == {k: v for k, v in COMMENT.items() if k != "name"} | {"text": "One.\n\nTwo."}
    published(office).act("comment.receive", "daily", body, officer=0)
    (row,) = office.desk.state.consultations["daily"].facts["comments"]
    assert row["text"] == "One.\n\nTwo."


def test_each_line_of_a_list_is_an_entry(office: Office) -> None:
    fields = ACTS["application.principle"].fields
    assert body_from_texts("x", fields, {"conditions": "first\r\n\r\n second "}) == {"conditions": ["first", "second"]}
