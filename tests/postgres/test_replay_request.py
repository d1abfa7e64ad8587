"""A pasted request is replayed as PostgREST would run it, and leaves nothing behind."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from fixit_tui.engine.session import Session
from fixit_tui.errors import FixitError, UsageError
from fixit_tui.export.plan_text import plan_report
from fixit_tui.export.replay_text import replay_json, replay_report
from fixit_tui.model.events import ignore_event
from fixit_tui.model.outcome import Replayed
from fixit_tui.model.plan import Choice
from fixit_tui.wiring import Wiring

ANNA = "11111111-1111-4111-8111-111111111111"
BERT = "22222222-2222-4222-8222-222222222222"
SCHEMA = f"""
CREATE TABLE public.notes (
  id serial PRIMARY KEY, owner uuid NOT NULL, slug text NOT NULL DEFAULT 'none', n int,
  CONSTRAINT notes_key UNIQUE (owner, slug)
);
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.notes TO authenticated;
GRANT USAGE ON SEQUENCE public.notes_id_seq TO authenticated;
CREATE POLICY mine ON public.notes TO authenticated
  USING (owner = auth.uid()) WITH CHECK (owner = auth.uid());
CREATE TABLE public.letters (id int PRIMARY KEY, owner uuid NOT NULL);
ALTER TABLE public.letters ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON public.letters TO authenticated;
CREATE POLICY post ON public.letters FOR INSERT TO authenticated WITH CHECK (true);
CREATE TABLE public.parents (id int PRIMARY KEY);
CREATE TABLE public.children (
  id int PRIMARY KEY, parent int REFERENCES public.parents DEFERRABLE INITIALLY DEFERRED
);
GRANT INSERT ON public.children TO authenticated;
INSERT INTO public.notes (owner, slug) VALUES ('{ANNA}', 'a'), ('{BERT}', 'a'), ('{BERT}', 'b');
"""


def token(role: str = "authenticated", sub: str = ANNA) -> str:
    payload = json.dumps({"sub": sub, "role": role}).encode()
    middle = base64.urlsafe_b64encode(payload).rstrip(b"=").decode()
    return f"eyJhbGciOiJIUzI1NiJ9.{middle}.c2lnbmF0dXJlLXRoYXQtaXMtbm90LWtlcHQ"


def curl(
    body: object, query: str = "notes", *, prefer: str = "", method: str = "POST", **claims: str
) -> str:
    data = f" \\\n  -d '{json.dumps(body)}'" if body is not None else ""
    wish = f" -H 'Prefer: {prefer}'" if prefer else ""
    return (
        f"$ curl -X {method} 'https://x.supabase.co/rest/v1/{query}'{wish}"
        f" -H 'Authorization: Bearer {token(**claims)}' -H 'Content-Type: application/json'{data}\n"
    )


class Project:
    """A database like a Supabase project's, and what a replay of a text says."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self.dsn = dsn
        self.folder = folder

    def session(self, text: str) -> Session:
        session = Wiring(state_dir=self.folder).open_session(self.dsn)
        session.understand(text)
        return session

    def replay(self, text: str, *, in_shadow: bool = False) -> Replayed:
        session = self.session(text)
        try:
            replay = session.prepare_replay(ignore_event, lambda: False)
            return session.replay(replay, ignore_event, lambda: False, in_shadow=in_shadow)
        finally:
            session.close()

    def rows(self) -> list[tuple[object, ...]]:
        with psycopg.connect(self.dsn) as connection:
            return connection.execute("SELECT * FROM public.notes ORDER BY id").fetchall()


@pytest.fixture
def project(database: str, repository: Path, tmp_path: Path) -> Project:
    platform = (repository / "playbooks/platforms/supabase.sql").read_text()
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(platform.encode())
        connection.execute(SCHEMA.encode())
    return Project(database, tmp_path)


def test_policies_hide_a_duplicate_that_is_behind_them(project: Project) -> None:
    before = project.rows()
    said = project.replay(
        curl({"owner": BERT, "slug": "a"}) + '\n{"code":"42501","message":"new row violates'
        ' row-level security policy for table \\"notes\\""}'
    )
    assert (said.role, said.result.sqlstate) == ("authenticated", "42501")
    assert said.http_status == 403
    assert said.same_error
    assert said.unlimited is not None
    assert (said.unlimited.sqlstate, said.unlimited.constraint) == ("23505", "notes_key")
    assert said.unlimited.detail == "Key (owner, slug)=(…) already exists."
    assert "hide another error: 23505" in said.difference
    assert project.rows() == before


def test_a_detail_that_row_level_security_withholds_is_recovered(project: Project) -> None:
    said = project.replay(curl({"owner": ANNA, "slug": "a"}))
    assert said.unlimited is not None
    assert (said.result.sqlstate, said.result.detail) == ("23505", "")
    assert "owner, slug" in said.unlimited.detail
    assert "hides the detail" in said.difference


def test_claims_decide_who_is_asked_for(project: Project) -> None:
    row = {"owner": BERT, "slug": "new"}
    assert project.replay(curl(row)).result.sqlstate == "42501"
    said = project.replay(curl(row, sub=BERT))
    assert said.result.succeeded
    assert "succeeds now" in said.verdict


@pytest.mark.parametrize(
    ("query", "prefer", "sqlstate"),
    [
        ("notes", "", "23505"),
        ("notes?on_conflict=owner,slug", "", "23505"),
        ("notes", "resolution=merge-duplicates", "23505"),
        ("notes?on_conflict=owner,slug", "resolution=merge-duplicates", None),
        ("notes?on_conflict=owner,slug", "resolution=ignore-duplicates", None),
        ("notes?on_conflict=slug", "resolution=ignore-duplicates", "42P10"),
    ],
    ids=["insert", "no-resolution", "default-target", "merge", "ignore", "no-such-key"],
)
def test_an_upsert_has_the_target_that_postgrest_gives_it(
    project: Project, query: str, prefer: str, sqlstate: str | None
) -> None:
    body = [{"owner": ANNA, "slug": "a", "n": 1}]
    before = project.rows()
    assert project.replay(curl(body, query, prefer=prefer)).result.sqlstate == sqlstate
    assert project.rows() == before


def test_a_representation_needs_a_policy_to_read_it(project: Project) -> None:
    row = {"id": 1, "owner": ANNA}
    assert project.replay(curl(row, "letters")).result.succeeded
    shown = project.replay(curl(row, "letters?select=id", prefer="return=representation"))
    assert shown.result.sqlstate == "42501"
    assert "only as its role" in shown.difference


def test_filters_reach_what_policies_let_them(project: Project) -> None:
    said = project.replay(curl(None, "notes?slug=in.(a,b)", method="DELETE"))
    assert said.unlimited is not None
    assert (said.result.rows, said.unlimited.rows) == (1, 3)
    assert "reaches 1 of the 3 rows" in said.difference
    changed = project.replay(curl({"slug": "a"}, "notes?slug=eq.b", method="PATCH", sub=BERT))
    assert changed.result.sqlstate == "23505"
    assert len(project.rows()) == 3


def test_a_deferred_constraint_is_asked_at_once(project: Project) -> None:
    said = project.replay(curl({"id": 1, "parent": 5}, "children"))
    assert (said.result.sqlstate, said.http_status) == ("23503", 409)


def test_missing_columns_take_their_defaults_only_when_asked_for(project: Project) -> None:
    query, row = "notes?columns=owner,slug", {"owner": ANNA}
    assert project.replay(curl(row, query)).result.sqlstate == "23502"
    assert project.replay(curl(row, query, prefer="missing=default")).result.succeeded


def test_a_role_that_cannot_be_taken_is_no_answer(project: Project) -> None:
    with pytest.raises(UsageError, match="role nobody_here"):
        project.replay(curl({"owner": ANNA}, role="nobody_here"))


@pytest.mark.parametrize(
    ("body", "query", "code"),
    [
        ({"colour": 1}, "notes", "PGRST204"),
        ([{"owner": ANNA}, {"slug": "x"}], "notes", "PGRST102"),
        ({"owner": ANNA}, "nothing", "PGRST205"),
    ],
    ids=["column", "keys", "table"],
)
def test_what_postgrest_refuses_itself_is_not_sent(
    project: Project, body: object, query: str, code: str
) -> None:
    with pytest.raises(UsageError) as refused:
        project.replay(curl(body, query))
    assert code in (refused.value.hint or "")


def test_hostile_text_is_data(project: Project) -> None:
    body = {"owner": ANNA, "slug": "'); DROP TABLE notes; --\\ %s"}
    assert project.replay(curl(body).replace("'); DROP", "\\u0027); DROP")).result.succeeded
    assert len(project.rows()) == 3


def test_a_held_table_ends_the_wait(project: Project) -> None:
    session = project.session(curl({"owner": ANNA, "slug": "a"}))
    try:
        replay = session.prepare_replay(ignore_event, lambda: False)
        with psycopg.connect(project.dsn) as holder:
            holder.execute("LOCK TABLE public.notes IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(FixitError) as held:
                session.replay(replay, ignore_event, lambda: False)
    finally:
        session.close()
    assert held.value.sqlstate == "55P03"


def test_what_a_rollback_leaves_is_named_before(project: Project) -> None:
    with psycopg.connect(project.dsn, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION public.tell() RETURNS trigger LANGUAGE plpgsql AS"
            " $$BEGIN PERFORM dblink_exec('x', 'y'); RETURN NEW; END$$"
        )
        connection.execute(
            "CREATE TRIGGER tell AFTER INSERT ON public.letters FOR EACH ROW"
            " EXECUTE FUNCTION public.tell()"
        )
    warned = []
    for table in ("notes", "letters"):
        session = project.session(curl({"owner": ANNA}, table))
        warned.append(session.prepare_replay(ignore_event, lambda: False).survives)
        session.close()
    assert any("drawn for id" in w.text and not w.outside for w in warned[0])
    assert any("dblink" in w.text and "trigger tell" in w.text and w.outside for w in warned[1])


def test_no_token_and_no_value_is_shown(project: Project) -> None:
    session = project.session(curl({"owner": ANNA, "slug": "a"}))
    replay = session.prepare_replay(ignore_event, lambda: False)
    said = session.replay(replay, ignore_event, lambda: False)
    session.close()
    shown = replay_report(said) + json.dumps(replay_json(said)) + repr(session._pasted)
    for secret in (token(), token().rpartition(".")[2], ANNA, "eyJ"):
        assert secret not in shown
    assert token().rpartition(".")[2] not in repr(replay)
    assert ANNA not in repr(replay)


@pytest.mark.parametrize("in_shadow", [False, True], ids=["target", "shadow"])
def test_a_rehearsal_replays_the_request_and_proves_its_cause(
    project: Project, in_shadow: bool
) -> None:
    with psycopg.connect(project.dsn, autocommit=True) as connection:
        connection.execute("ALTER TABLE public.notes DROP CONSTRAINT notes_key")
    query = "notes?on_conflict=owner,slug"
    text = curl({"owner": ANNA, "slug": "a"}, query, prefer="resolution=merge-duplicates")
    text += (
        '{"code":"42P10","message":"there is no unique or exclusion constraint matching the'
        ' ON CONFLICT specification"}'
    )
    session = project.session(text)
    try:
        found = session.diagnose(lambda _: None, lambda: False).findings
        finding = next(f for f in found if f.explains)
        assert finding.recommended is not None
        plan = session.plan([Choice(finding.id, finding.recommended.id)])
        assert ANNA not in repr(plan) + plan_report(plan)
        verb = session.rehearse_in_shadow if in_shadow else session.rehearse
        rehearsal = verb(plan, lambda _: None, lambda: False)
    finally:
        session.close()
    assert rehearsal.succeeded, rehearsal.failure
    assert rehearsal.replay_before is not None
    assert rehearsal.replay_before.sqlstate == "42P10"
    assert rehearsal.proof is not None
    assert rehearsal.proof.holds, rehearsal.proof.sentence
    assert rehearsal.proof.findings == (finding.id,)
    assert ANNA not in repr(rehearsal)


def test_a_shadow_brings_the_error_about_without_the_target(project: Project) -> None:
    said = project.replay(curl({"owner": ANNA, "slug": "a"}), in_shadow=True)
    assert said.result.sqlstate == "23505"
    assert "shadow" in said.where


@pytest.fixture
def steward(project: Project) -> Iterator[str]:
    """A role that owns a table, may sign in, is no superuser and is under policies elsewhere."""
    name = f"steward_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(project.dsn, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN".encode())
        connection.execute(f"ALTER TABLE public.notes OWNER TO {name}".encode())
        yield name
        connection.execute(f"DROP OWNED BY {name} CASCADE".encode())
        connection.execute(f"DROP ROLE {name}".encode())


def test_the_owner_sees_what_policies_hide_and_takes_only_its_own_roles(
    project: Project, steward: str
) -> None:
    text = curl({"owner": BERT, "slug": "a"})
    theirs = Project(make_conninfo(project.dsn, user=steward), project.folder)
    with pytest.raises(UsageError, match="the session may not take it"):
        theirs.replay(text)
    with psycopg.connect(project.dsn, autocommit=True) as connection:
        connection.execute(f"GRANT authenticated TO {steward}".encode())
    said = theirs.replay(text)
    assert said.unlimited is not None
    assert (said.result.sqlstate, said.unlimited.sqlstate) == ("42501", "23505")
    assert said.unlimited_role == steward
