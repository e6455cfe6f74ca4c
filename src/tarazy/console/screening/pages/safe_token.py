"""Safe tokens: created from our own templates on a chain for development, locked in time, and screened by ourselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from tarazy.console.layout.forms import Form
from tarazy.console.layout.page_layout import Fields, Page, PageAnswer, PageRequest, Redirect, ServiceError
from tarazy.console.screening.reading import ReadingError, read_address
from tarazy.console.screening.services import ParameterView, SafeTokens, ScreeningServices
from tarazy.platform.sanitising import cut

LOCK_FIELDS = (
    ParameterView("token", "Token or pool share", "address", "the contract whose tokens are locked"),
    ParameterView("amount", "Amount", "integer", "in the token's minor units"),
    ParameterView("owner", "Who may withdraw at the end", "address"),
    ParameterView("days", "Days", "integer", "from now on", "365"),
)
NUMBER_DIGITS_MAX = 78


def show(services: ScreeningServices, asked: PageRequest) -> Page:
    """Show the templates, what was created, and the locks."""
    return safe_page(services.safe_tokens(), asked.query.get("template", ""), {}, {})


def create(services: ScreeningServices, asked: PageRequest) -> PageAnswer:
    """Create a token; where a value is wrong, show the form again with the reason."""
    offered = services.safe_tokens()
    name = asked.form.text("template")
    try:
        template = next((each for each in offered.templates if each.name == name), None)
        if template is None:
            known = ", ".join(each.name for each in offered.templates) or "none"
            raise ReadingError("template", f"expected one of {known}, found {cut(name, 40)!r}: choose one")
        values = read_values(asked.form, template.parameters)
        created = services.create_token(name, read_dev_chain(offered, asked.form.text("chain")), values)
    except (ReadingError, ServiceError) as error:
        field = error.field if isinstance(error, ReadingError) else "create"
        page = safe_page(offered, name, dict(asked.form.fields), {field: str(error)})
        return replace(page, status=422)
    return Redirect("safe_token", anchor=f"token-{created['address']}")


def lock(services: ScreeningServices, asked: PageRequest) -> PageAnswer:
    """Lock tokens; where a value is wrong, show the form again with the reason."""
    offered = services.safe_tokens()
    try:
        values = read_values(asked.form, LOCK_FIELDS)
        services.lock(read_dev_chain(offered, asked.form.text("chain")), values)
    except (ReadingError, ServiceError) as error:
        field = error.field if isinstance(error, ReadingError) else "lock"
        page = safe_page(offered, "", dict(asked.form.fields), {field: str(error)})
        return replace(page, status=422)
    return Redirect("safe_token", anchor="locks")


def safe_page(offered: SafeTokens, template: str, values: dict[str, str], wrong: dict[str, str]) -> Page:
    """Return the page with a template chosen and its form filled."""
    chosen = next((each for each in offered.templates if each.name == template), None)
    chosen = chosen or (offered.templates[0] if offered.templates else None)
    data: dict[str, Any] = {
        "templates": [asdict(each) for each in offered.templates],
        "chains": [asdict(each) for each in offered.chains],
        "created": list(offered.created),
        "locks": list(offered.locks),
        "reason": offered.reason,
        "wrong": Fields(wrong),
    }
    values = {name: text[:400] for name, text in values.items() if name != "form_token"}
    under_way = any(not each.get("report_id") for each in offered.created)
    view = {"chosen": chosen, "values": Fields(values), "lock_fields": LOCK_FIELDS, "under_way": under_way}
    return Page("safe_token.html", "Safe token", data, view, refresh_s=3 if under_way else None, is_translated=True)


def read_dev_chain(offered: SafeTokens, text: str) -> int:
    """Return a chain on which tokens may be created from here.

    Raises: ReadingError.
    """
    if text not in {str(chain.chain_id) for chain in offered.chains}:
        known = ", ".join(f"{chain.chain_id} ({chain.name})" for chain in offered.chains) or "none"
        raise ReadingError("chain", f"expected a chain for development ({known}), found {cut(text, 20)!r}")
    return int(text)


def read_values(form: Form, parameters: Sequence[ParameterView]) -> dict[str, str]:
    """Return the values of parameters, each as its kind asks.

    Raises: ReadingError, naming the field.
    """
    return {parameter.name: read_value(form.text(parameter.name), parameter) for parameter in parameters}


def read_value(text: str, parameter: ParameterView) -> str:
    """Return one value.

    Raises: ReadingError.
    """
    name, title = parameter.name, parameter.title
    if parameter.kind == "flag":
        return "yes" if text else ""
    if not text:
        raise ReadingError(name, f"{title}: expected a value, found nothing")
    if parameter.kind == "address":
        try:
            return read_address(text)
        except ReadingError as error:
            raise ReadingError(name, f"{title}: {error}") from None
    if parameter.kind == "integer":
        plain = text.replace(",", "").replace("_", "").replace(" ", "")
        if not (plain.isascii() and plain.isdecimal() and len(plain) <= NUMBER_DIGITS_MAX):
            raise ReadingError(name, f"{title}: expected a whole number, not negative, found {cut(text, 40)!r}")
        return plain
    if parameter.kind == "choice" and text not in parameter.choices:
        raise ReadingError(name, f"{title}: expected one of {', '.join(parameter.choices)}, found {cut(text, 40)!r}")
    if len(text) > parameter.characters_max:
        found = f"{len(text):,}"
        raise ReadingError(name, f"{title}: expected at most {parameter.characters_max} characters, found {found}")
    return text
