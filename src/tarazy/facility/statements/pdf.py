"""A paper as PDF: A4, letters for Latin, Russian and Kazakh within the file, the same bytes for the same paper.

Text of strangers (the facility's name, names of assets) is set as text; nothing of it is markup. The pages can be
read by machines: text is text, and not a picture.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tarazy.facility.statements.paper import Paper, PaperTable

if TYPE_CHECKING:
    from fpdf import FPDF

FONTS = Path(__file__).parent / "fonts"
MARGIN_MM, LINE_MM = 18.0, 5.0
TITLE_PT, HEADING_PT, TEXT_PT, SMALL_PT = 16, 11, 9, 7.5
NS_PER_S = 1_000_000_000
INK, PALE, RULE = (20, 24, 32), (110, 116, 128), (205, 209, 216)


def pdf_bytes(paper: Paper) -> bytes:
    """Return a paper as PDF."""
    pdf = new_pdf(paper)
    pdf.add_page()
    heading(pdf, paper)
    for name, value in paper.facts:
        pdf.set_font("plex", size=TEXT_PT)
        pdf.set_text_color(*PALE)
        pdf.cell(52, LINE_MM, name)
        pdf.set_text_color(*INK)
        pdf.multi_cell(0, LINE_MM, value, new_x="LMARGIN", new_y="NEXT")
    for table in paper.tables:
        write_table(pdf, table)
    pdf.ln(LINE_MM)
    pdf.set_font("plex", size=SMALL_PT)
    pdf.set_text_color(*PALE)
    for note in paper.notes:
        pdf.multi_cell(0, LINE_MM - 1, note, new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


def new_pdf(paper: Paper) -> FPDF:
    """Return an empty file with fonts, a title, the record's time, and page numbers at the foot."""
    made = datetime.fromtimestamp(paper.made_ns // NS_PER_S, UTC)
    pdf: FPDF = _numbered_pages()(paper.facility)
    logging.getLogger("fontTools").setLevel(logging.WARNING)  # the subsetter tells everything
    for family, style, file in (
        ("plex", "", "plex-sans-latin-400.ttf"),
        ("plex", "B", "plex-sans-latin-600.ttf"),
        ("cyrillic", "", "plex-sans-cyrillic-400.ttf"),
        ("cyrillic", "B", "plex-sans-cyrillic-400.ttf"),
        ("kazakh", "", "plex-sans-cyrillic-ext-400.ttf"),
        ("kazakh", "B", "plex-sans-cyrillic-ext-400.ttf"),
    ):
        pdf.add_font(family, style, FONTS / file)
    pdf.set_fallback_fonts(["cyrillic", "kazakh"], exact_match=False)
    pdf.set_margins(MARGIN_MM, MARGIN_MM)
    pdf.set_auto_page_break(True, MARGIN_MM)
    pdf.set_title(paper.title)
    pdf.set_author(paper.facility)
    pdf.set_creation_date(made)
    pdf.set_lang("en")
    return pdf


@cache
def _numbered_pages() -> type[FPDF]:
    """Return the class of files with page numbers; the library is loaded with the first paper."""
    from fpdf import FPDF

    class NumberedPages(FPDF):
        """A file whose pages say whose they are and their number of how many."""

        def __init__(self, whose: str) -> None:
            super().__init__(format="A4")
            self.whose = whose

        def footer(self) -> None:
            """Write the foot of a page."""
            self.set_y(-MARGIN_MM + LINE_MM)
            self.set_font("plex", size=SMALL_PT)
            self.set_text_color(*PALE)
            self.cell(0, LINE_MM, self.whose, align="L")
            self.set_x(MARGIN_MM)
            self.cell(0, LINE_MM, f"{self.page_no()} / {{nb}}", align="R")

    return NumberedPages


def heading(pdf: FPDF, paper: Paper) -> None:
    """Write whose paper it is and its title."""
    pdf.set_text_color(*PALE)
    pdf.set_font("plex", size=TEXT_PT)
    pdf.multi_cell(0, LINE_MM, paper.facility, new_x="LMARGIN", new_y="NEXT")
    pdf.set_text_color(*INK)
    pdf.set_font("plex", "B", TITLE_PT)
    pdf.multi_cell(0, 2 * LINE_MM, paper.title, new_x="LMARGIN", new_y="NEXT")
    pdf.ln(2)


def write_table(pdf: FPDF, table: PaperTable) -> None:
    """Write a table with its heading; the head of it stands on each page that it goes on to."""
    from fpdf.fonts import FontFace

    pdf.ln(LINE_MM)
    pdf.set_font("plex", "B", HEADING_PT)
    pdf.multi_cell(0, LINE_MM + 1, table.heading, new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("plex", size=SMALL_PT)
    if not table.rows:
        pdf.multi_cell(0, LINE_MM, table.nothing, new_x="LMARGIN", new_y="NEXT")
        return
    pdf.set_draw_color(*RULE)
    aligned = tuple("RIGHT" if name in table.numbers else "LEFT" for name in table.columns)
    style = FontFace(emphasis="BOLD", color=PALE)
    with pdf.table(
        col_widths=table.widths,
        text_align=aligned,
        line_height=LINE_MM - 1,
        borders_layout="HORIZONTAL_LINES",
        headings_style=style,
    ) as written:
        for cells in (table.columns, *table.rows):
            written.row(cells)
