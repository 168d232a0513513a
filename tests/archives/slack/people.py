"""People and bots who are listed oddly, several times, or nowhere."""

from __future__ import annotations

from typing import Any, Final

from tests.archives.effects import BOT, GUEST, STARTER, PersonState, RoomState
from tests.archives.slack.draft import ANN, BOB, GONE, HALL, SlackDraft, SlackOddity
from tests.cases.exports import channel, user

_AFTER: Final = "importer-user-rejoined"


def users_with_one_username(draft: SlackDraft) -> None:
    """Three people with one username and other addresses, or none."""
    draft.person("UKIM1", "kim", "kim@base.example")
    draft.person("UKIM2", "kim", "kim.two@base.example", account="kim-2")
    draft.person("UKIM3", "Kim", account="Kim-3")
    for identity in ("UKIM1", "UKIM2", "UKIM3"):
        draft.say(HALL, identity, f"I am {identity}")


def rejoined_user(draft: SlackDraft) -> None:
    """Two users of one address; whoever is active is the account."""
    for old, new, is_first_gone in (
        ("UBACK1", "UBACK2", True),
        ("UBACK3", "UBACK4", False),
    ):
        address = f"{old.lower()}@base.example"
        for identity, is_gone in ((old, is_first_gone), (new, not is_first_gone)):
            name = identity.lower()
            if is_gone:
                element = user(identity, name, address.upper(), deleted=True)
                draft.add_list_element("users.json", element)
                draft.effect.skip("user", _AFTER)
                draft.effect.warnings[_AFTER] += 1
            else:
                draft.person(identity, name, address)
                account = name
        draft.accounts |= {old: account, new: account}
        draft.say(HALL, old, "before")
        draft.say(HALL, new, f"<@{old}> is <@{new}>", shown=f"@{account} is @{account}")


def deleted_guest_and_invited_users(draft: SlackDraft) -> None:
    """Flags of users.json that decide about role and state."""
    draft.person("UDEL", "gone", deleted=True, is_active=False)
    draft.person("UINV", "invited", is_active=False, is_invited_user=True)
    draft.person("URES", "single", roles=GUEST, is_restricted=True)
    draft.person("UULT", "multi", roles=GUEST, is_ultra_restricted=True)
    draft.person("UWFB", "workflow", roles=BOT, is_workflow_bot=True)
    draft.person("UBOT", "robot", roles=BOT, is_bot=True, is_restricted=True)
    draft.effect.facts["guests"] += 2
    draft.effect.facts["invited users"] += 1
    for identity in ("UDEL", "UINV", "URES", "UULT", "UWFB", "UBOT"):
        draft.say(HALL, identity, f"flags of {identity}")


def non_boolean_flags(draft: SlackDraft) -> None:
    """Flags as tools write them that know numbers and words only."""
    off: tuple[Any, ...] = ("false", "0", 0, "No", "", None)
    for number, word in enumerate(off):
        flags = dict.fromkeys(("deleted", "is_bot", "is_restricted"), word)
        draft.person(f"UOFF{number}", f"off{number}", **flags)
    for number, word in enumerate(("true", "1", 1, "Yes")):
        name = f"on{number}"
        draft.person(f"UGON{number}", f"g-{name}", roles=GUEST, is_restricted=word)
        draft.person(f"UDON{number}", f"d-{name}", is_active=False, deleted=word)
        draft.person(f"UBON{number}", f"b-{name}", roles=BOT, is_bot=word)
    draft.effect.facts["guests"] += 4
    draft.room("COFF", "live", ANN, is_archived="false")
    draft.room("CON", "live", BOB, label="live-2", is_archived="true")
    draft.say("live", ANN, "which of the two?")
    draft.effect.guess("importer-ambiguous-folder", "message")


def partners_with_profiles_in_messages(draft: SlackDraft) -> None:
    """Somebody of another workspace, whom rooms name before a profile does."""
    profile = {"name": "val.kay", "real_name": "Val Kay", "display_name": "Val"}
    draft.unlisted_user("WVAL", "val.kay", "Val Kay")
    draft.room("CVAL", "with-val", ANN, "WVAL")
    draft.room(
        "DVAL",
        "dval",
        "WVAL",
        ANN,
        kind="d",
        file="dms.json",
        label=draft.direct_label(ANN, "WVAL"),
    )
    draft.say("with-val", ANN, "welcome <@WVAL>", shown="welcome @val.kay")
    draft.say("with-val", "WVAL", "no profile yet")
    draft.say("with-val", "WVAL", "thank you", user_profile=profile)
    shown = {"display_name": "Sid J", "real_name": ""}
    draft.unlisted_user("WSID", "Sid.J", "Sid J")
    draft.say(HALL, "WSID", "hello", user_profile=shown)
    draft.effect.warnings["importer-username-changed"] += 1


def unlisted_users_without_profiles(draft: SlackDraft) -> None:
    """People whom nothing but their id describes, and mentions of nobody."""
    draft.unlisted_user("WNOP", "wnop", "Wnop")
    draft.say(HALL, "WNOP", "who am I?")
    draft.say(
        HALL, ANN, "ask <@U90>, <@U91|nils>, <@WNOP>", shown="ask @U90, @nils, @wnop"
    )


def ids_of_an_organization(draft: SlackDraft) -> None:
    """Somebody whom messages and rooms name by the organization's id."""
    draft.person("UORG", "olga", "olga@base.example", enterprise_user={"id": "WORG"})
    draft.accounts["WORG"] = "olga"
    draft.room("CORG", "whole-company", "WORG")
    draft.say("whole-company", "WORG", "<@UORG> is <@WORG>", shown="@olga is @olga")


def usernames_instead_of_ids(draft: SlackDraft) -> None:
    """Messages of tools that write the username of their author."""
    draft.person("UNAME", "by.name")
    draft.say(HALL, "by.name", "<@by.name> writes", shown="@by.name writes")


def usernames_of_other_scripts(draft: SlackDraft) -> None:
    """Usernames with characters that are not allowed here."""
    for number, (name, account) in enumerate(
        (("j\u00f6rg.wei\u00df", "jorg.weiss"), ("two words", "two.words"))
    ):
        draft.person(f"USCR{number}", name, account=account)
        draft.say(HALL, ANN, f"<@USCR{number}>", shown=f"@{account}")
        draft.effect.warnings["importer-username-changed"] += 1


def invalid_addresses(draft: SlackDraft) -> None:
    """Profiles with several addresses, or with words in the place of one."""
    for identity, raw, addresses in (
        ("UNON1", "none", ()),
        ("UNON2", "none", ()),
        ("UNON3", "eva@, eva@south.example", ("eva@south.example",)),
        ("UNON4", "a@two.example; b@two.example", ("a@two.example", "b@two.example")),
    ):
        element = user(identity, identity.lower(), raw)
        name = element["profile"]["real_name"]
        state = PersonState(name, emails=addresses)
        draft.expect_person(identity, identity.lower(), state)
        draft.add_list_element("users.json", element)
    draft.effect.warnings["importer-bad-address"] += 3


def invalid_users(draft: SlackDraft) -> None:
    """Elements of users.json without an id, that are no objects, or come twice."""
    for element, code in (
        ({"name": "no id"}, "importer-user-missing-import-id"),
        ("no object", "importer-record-malformed"),
        (None, "importer-record-malformed"),
    ):
        line = draft.add_list_element("users.json", element)
        draft.effect.fail("user", "users.json", line, code)
    draft.person("UTWICE", "twice")
    draft.add_list_element("users.json", user("UTWICE", "twice"))
    draft.effect.facts["users listed again"] += 1


def users_with_minimal_data(draft: SlackDraft) -> None:
    """Users whose keys are missing, null or of another type."""
    empty: dict[str, Any] = dict.fromkeys(["deleted", "is_bot", "tz_offset", "profile"])
    draft.add_list_element("users.json", {"id": "UMIN1", "name": "least", **empty})
    draft.expect_person("UMIN1", "least", PersonState("Least"))
    shown = {"display_name": "Min Imal"}
    draft.add_list_element("users.json", {"id": "UMIN2", "name": 7, "profile": shown})
    draft.expect_person("UMIN2", "Min.Imal", PersonState("Min Imal"))
    draft.effect.warnings["importer-username-changed"] += 1
    draft.add_list_element("users.json", {"id": "UMIN3"})
    draft.expect_person("UMIN3", "umin3", PersonState("Umin3"))
    draft.say(HALL, "UMIN2", "<@UMIN1> <@UMIN3>", shown="@least @umin3")


def overlong_name(draft: SlackDraft) -> None:
    """A user whose name no database column holds, and who is missed elsewhere."""
    element = user("ULONG", "long", profile={"real_name": "n" * 300})
    line = draft.add_list_element("users.json", element)
    draft.effect.fail("user", "users.json", line, "importer-value-too-long")
    direct = {"id": "DLONG", "members": [ANN, "ULONG"]}
    line = draft.add_list_element("dms.json", direct)
    draft.effect.fail("channel", "dms.json", line, "importer-channel-missing-users")
    for folder, code in (
        (HALL, "importer-message-unknown-user"),
        ("DLONG", "importer-message-unknown-room"),
    ):
        draft.fail_message(folder, draft.message("ULONG", "and me?"), code)


def namesake_of_a_privileged_user(draft: SlackDraft) -> None:
    """Somebody with the username of an admin, whom a person would have to confirm."""
    code = "importer-privileged-user-unconfirmed"
    line = draft.add_list_element("users.json", user("UADA", "ada"))
    draft.effect.fail("user", "users.json", line, code)
    draft.fail_message(HALL, draft.message("UADA", "it is me"), code)


def bots_of_messages(draft: SlackDraft) -> None:
    """Bots that only messages name, that are listed, or that are Slack's own."""
    row = {"subtype": "bot_message", "user": GONE}
    draft.person("UHLP", "helper", roles=BOT, is_bot=True, profile={"bot_id": "BHLP"})
    draft.say(HALL, "UHLP", "beep", **row, bot_id="BHLP", says={"author": "helper"})
    draft.expect_person("BDEP", "deploy", PersonState("deploy", roles=BOT))
    says = {"author": "deploy", "alias": "deploy"}
    draft.say(HALL, "BDEP", "one", **row, bot_id="BDEP", username="deploy", says=says)
    says = {"author": "deploy", "alias": "deployer"}
    draft.say(HALL, "BDEP", "2", **row, bot_id="BDEP", username="deployer", says=says)
    draft.expect_person("BREM", "reminder", PersonState("Reminder", roles=BOT))
    draft.say(
        *(HALL, "UAPP", "soon"),
        bot_id="BREM",
        bot_profile={"name": "Reminder"},
        says={"author": "reminder", "alias": "Reminder"},
    )
    draft.expect_person(
        "rocket.cat", "rocket.cat", PersonState("Rocket.Cat", roles=BOT)
    )
    draft.say(HALL, "USLACKBOT", "hi", says={"author": "rocket.cat"})
    draft.effect.warnings["importer-placeholder-bot"] += 2


def reactions_of_unlisted_users(draft: SlackDraft) -> None:
    """Reactions of strangers, and counts that are larger than their lists."""
    draft.unlisted_user("WREACT", "wreact", "Wreact")
    draft.say(
        HALL,
        ANN,
        "liked",
        says={"reactions": ((":+1:", ("ann", "wreact")),)},
        reactions=[
            {"name": "+1::skin-tone-2", "users": ["UANN"], "count": 1},
            {"name": "+1", "users": ["WREACT", "UANN"], "count": 5},
            {"name": "tada", "users": [], "count": 2},
            {"name": "eyes", "users": None},
            None,
        ],
    )
    draft.effect.facts["reactions without names"] += 5


def unknown_creators_and_members(draft: SlackDraft) -> None:
    """Rooms whose creator or members are listed nowhere."""
    draft.add_list_element("channels.json", channel("CGHOST", "haunted", "UGHOST"))
    draft.effect.add_room("haunted", RoomState("c", (STARTER,)))
    draft.room("CPART", "half-known", ANN, members=["UANN", "UPHANTOM"])
    draft.effect.warnings["importer-unknown-creator"] += 1
    draft.effect.warnings["importer-unknown-members"] += 2


ODDITIES: Final[tuple[SlackOddity, ...]] = (
    users_with_one_username,
    rejoined_user,
    deleted_guest_and_invited_users,
    non_boolean_flags,
    partners_with_profiles_in_messages,
    unlisted_users_without_profiles,
    ids_of_an_organization,
    usernames_instead_of_ids,
    usernames_of_other_scripts,
    invalid_addresses,
    invalid_users,
    users_with_minimal_data,
    overlong_name,
    namesake_of_a_privileged_user,
    bots_of_messages,
    reactions_of_unlisted_users,
    unknown_creators_and_members,
)
