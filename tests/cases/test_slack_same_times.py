"""Messages of one room that have one time."""

from __future__ import annotations

from tests.cases.exports import DAY, lobby, said
from tests.cases.importing import Counted, Import, texts_in

TWO = lobby(said("U01", "first"), said("U01", "second"), said("U02", "third", 1))


def test_different_messages_of_one_time_are_all_kept(bring_in: Import) -> None:
    imported = bring_in(TWO)

    assert texts_in("lobby") == ["first", "second", "third"]
    assert imported.counted("message") == Counted(imported=3)
    assert imported.warnings["importer-same-time"] == 1
    assert imported.files_of("importer-same-time") == [DAY]


def test_they_are_the_same_messages_in_the_next_import(bring_in: Import) -> None:
    bring_in(TWO)
    imported = bring_in(TWO)

    assert texts_in("lobby") == ["first", "second", "third"]
    assert imported.counted("message") == Counted(unchanged=3)


def test_one_that_was_edited_in_between_stays_the_same_message(
    bring_in: Import,
) -> None:
    bring_in(TWO)
    bring_in(lobby(said("U01", "first"), said("U01", "second, edited")))

    assert texts_in("lobby") == ["first", "second, edited", "third"]


def test_authors_and_files_tell_messages_of_one_time_apart(bring_in: Import) -> None:
    def file(identity: str) -> dict[str, object]:
        return {
            "id": identity,
            "name": identity,
            "url_private": f"https://f.x/{identity}",
        }

    imported = bring_in(
        lobby(
            said("U01", "hello"),
            said("U02", "hello"),
            said("U01", "", files=[file("F1")]),
            said("U01", "", files=[file("F2")]),
        )
    )

    assert texts_in("lobby") == ["hello", "hello", "", ""]
    assert imported.counted("message") == Counted(imported=4)


def test_the_same_message_twice_is_one(bring_in: Import) -> None:
    copies = [said("U01", "hello <@U09>"), said("U01", "hello <@U09>", reply_count=2)]
    profile = {"name": "nina", "real_name": "Nina"}
    between = said("U09", "here I am", 1, user_profile=profile)

    imported = bring_in(lobby(copies[0], between, copies[1]))

    assert [text[:5] for text in texts_in("lobby")] == ["hello", "here "]
    assert imported.counted("message") == Counted(imported=2, unchanged=1)
    assert "importer-same-time" not in imported.warnings
