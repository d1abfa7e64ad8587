"""Which unique keys hold a value that people choose."""

from __future__ import annotations

import pytest
from fact_rows import Facts

from fixit_tui.facts.derive.chosen import chosen_values


@pytest.mark.parametrize(
    ("columns", "key", "chosen"),
    [
        (["username text"], ["username"], "username"),
        (["email character varying(120)"], ["email"], "email"),
        (["displayName citext"], ["displayName"], "displayName"),
        (["code text"], ["code"], "code"),
        (["org_id uuid", "slug text"], ["org_id", "slug"], "slug"),
        (["slug text", "org bigint"], ["slug", "org"], "slug"),
        (["event_id text"], ["event_id"], None),
        (["idempotencyKey text"], ["idempotencyKey"], None),
        (["push_token text"], ["push_token"], None),
        (["actor_uri text"], ["actor_uri"], None),
        (["shareLink text"], ["shareLink"], None),
        (["country_code text"], ["country_code"], None),
        (["id uuid"], ["id"], None),
        (["number integer"], ["number"], None),
        (["day date"], ["day"], None),
        (["user_id uuid", "provider text"], ["user_id", "provider"], None),
        (["user_id uuid", "setting text"], ["user_id", "setting"], None),
        (["org_id uuid", "flag_key text"], ["org_id", "flag_key"], None),
        (
            ["room_id int", "starts_at timestamp with time zone", "booked_by uuid"],
            ["room_id", "starts_at"],
            None,
        ),
        # Neither is an id that says within what the other is chosen.
        (["region text", "name text"], ["region", "name"], None),
        (["first_name text", "last_name text"], ["first_name", "last_name"], None),
    ],
)
def test_by_type_and_name(columns: list[str], key: list[str], chosen: str | None) -> None:
    facts = Facts()
    table = facts.table("t", *columns)
    index = facts.index(table, *key)
    wanted = [] if chosen is None else [{"index_oid": index, "attribute": chosen}]
    assert list(chosen_values(facts.base)) == wanted


@pytest.mark.parametrize(
    ("expression", "chosen"),
    [
        ("lower(email)", "email"),
        ('lower("Email")', "Email"),
        ("btrim(lower(email), 'handle'::text)", "email"),
        ("(email || handle)", None),
    ],
)
def test_through_an_expression(expression: str, chosen: str | None) -> None:
    facts = Facts()
    table = facts.table("t", "email text", "handle text", "Email text")
    facts.index(table, expressions=[expression])
    assert [row["attribute"] for row in chosen_values(facts.base)] == ([chosen] if chosen else [])


def test_what_points_at_another_table_is_no_choice() -> None:
    facts = Facts()
    country = facts.table("country", "name text")
    city = facts.table("city", "name text")
    facts.index(city, "name")
    facts.constraint(city, "city_fkey", "foreign", ["name"], ref_relation=country)
    assert list(chosen_values(facts.base)) == []


@pytest.mark.parametrize(
    ("columns", "key", "chosen"),
    [
        (["starts_at timestamp with time zone", "booked_by uuid"], ["starts_at"], "starts_at"),
        (["day date", "hour time without time zone", "user_id uuid"], ["day", "hour"], "hour"),
        (["seat_no integer", "holder text"], ["seat_no"], "seat_no"),
        # Nobody has it.
        (["starts_at timestamp with time zone", "note text"], ["starts_at"], None),
        # Noted at, by whom: sent twice it is the same.
        (["measured_at timestamp with time zone", "user_id uuid"], ["measured_at"], None),
        # The key itself says whose it is.
        (["user_id uuid", "starts_at timestamp with time zone"], ["user_id", "starts_at"], None),
    ],
)
def test_the_hour_or_the_seat_of_a_thing(
    columns: list[str], key: list[str], chosen: str | None
) -> None:
    facts = Facts()
    things = facts.table("things", "id uuid")
    table = facts.table("t", "thing uuid", *columns)
    facts.constraint(table, "t_fkey", "foreign", ["thing"], ref_relation=things)
    index = facts.index(table, "thing", *key)
    wanted = [] if chosen is None else [{"index_oid": index, "attribute": chosen}]
    assert list(chosen_values(facts.base)) == wanted
