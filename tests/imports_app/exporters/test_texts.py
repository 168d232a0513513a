from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from imports_app.exporters.slack.texts import to_slack
from imports_app.importers.slack.content.text import convert_text

NAMES = {"ann": "U1", "ann.lee": "U2", "bo-ek": "U3", "zoë": "U4"}
BY_ID = {user: name for name, user in NAMES.items()}
TEXTS = st.lists(
    st.one_of(
        st.sampled_from(["@ann", "@ann.lee", "@bo-ek", "@zoë", "@all", "@other"]),
        st.sampled_from([" ", ".", "&amp;", "<@U1>", "<", ">", "`", "\n", "a", "-"]),
        st.text(max_size=5),
    ),
    max_size=12,
).map("".join)


def read(text: str) -> tuple[str, set[str]]:
    """Return the text as the importer reads it, and the mentioned users."""
    converted = convert_text(text, user_name=BY_ID.get, room_name=lambda _key: None)
    return converted.text, set(converted.users)


@given(TEXTS)
def test_the_importer_reads_the_same_text(text: str) -> None:
    # The importer ends a quotation of Slack, and renames four emoji.
    if ">>>" in text or any(f":{name}:" in text for name in ("memo", "piggy", "uk")):
        return

    assert read(to_slack(text, NAMES))[0] == text


def test_mentions_are_ids() -> None:
    text = "@ann @ann.lee: a@ann @annie (@bo-ek) <@U1> & @zoë"

    written = to_slack(text, NAMES)

    assert written == (
        "<@U1|ann> <@U2|ann.lee>: a@ann @annie (<@U3|bo-ek>) &lt;@U1&gt; &amp;"
        " <@U4|zoë>"
    )
    assert read(written) == (text, {"U1", "U2", "U3", "U4"})
