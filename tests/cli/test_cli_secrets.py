"""A secret that was planted in a DSN, a pasted request or a function shows up nowhere."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from command_line import CommandLine, Incident, Said
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg.conninfo import make_conninfo
from test_cli_change import hash_in

from fixit_tui.export.receipt_markdown import receipt_markdown
from fixit_tui.model.outcome import Receipt, StatementResult
from fixit_tui.model.plan import PlanState

Make = Callable[[str], Incident]
WORDS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789"


@dataclass(frozen=True, slots=True)
class Planted:
    """Secrets of one incident, in the forms that people paste."""

    password: str
    claims: str
    signature: str
    key: str
    cookie: str

    @property
    def jwt(self) -> str:
        parts = ('{"alg":"HS256","typ":"JWT"}', f'{{"role":"anon","jti":"{self.claims}"}}')
        head, body = (base64.urlsafe_b64encode(p.encode()).decode().rstrip("=") for p in parts)
        return f"{head}.{body}.{self.signature}"

    @property
    def all(self) -> tuple[str, ...]:
        """Each secret as it may come out, whole or in part."""
        jwt = self.jwt.split(".")
        password = (self.password, quote(self.password, safe=""))
        return (*password, self.claims, *jwt[1:], self.key, self.cookie)

    def request(self) -> str:
        """A request with a key in its address, its headers and its cookies."""
        return (
            f"curl -X POST 'https://x.supabase.co/rest/v1/customers?apikey={self.key}'"
            f" -H 'apikey: {self.key}' -H 'Authorization: Bearer {self.jwt}'"
            f" -H 'Cookie: sb-access-token={self.cookie}'"
            " -H 'Content-Type: application/json' -d '{\"email\": \"a@example.org\"}'\n"
        )

    def within(self, reported: str) -> str:
        """The reported error with secrets in its address, its detail and its words."""
        changes = {
            "select=*": f"select=*&apikey={self.key}",
            ", phone) already": f", {self.key}) already",
            '"hint":null': f'"hint":"sent with apikey: {self.key} and Bearer {self.jwt}"',
            '\\"contact_methods': f'for token {self.jwt} \\"contact_methods',
        }
        for old, new in changes.items():
            assert old in reported
            reported = reported.replace(old, new)
        return reported


long_words = st.text(WORDS, min_size=20, max_size=40)
planted = st.builds(
    Planted,
    password=st.text(WORDS + "!$%&/()=?@:'\"\\ #äß", min_size=12, max_size=30)
    .map(str.strip)
    .filter(lambda p: len(p) >= 12),
    claims=long_words,
    signature=long_words,
    key=st.tuples(st.sampled_from(["sb_secret_", "sb_publishable_", "eyJhbGciOi"]), long_words).map(
        "".join
    ),
    cookie=long_words,
)


def ways_to_connect(dsn: str, password: str) -> list[str]:
    """The same database with a password, in every spelling of a DSN."""
    known = psycopg.conninfo.conninfo_to_dict(dsn)
    at = f"{known['host']}:{known['port']}/{known['dbname']}"
    secret = quote(password, safe="")
    return [
        f"postgresql://{known['user']}:{secret}@{at}",
        f"postgresql://{at}?user={known['user']}&password={secret}",
        make_conninfo(dsn, password=password),
    ]


def told(said: Said) -> str:
    assert "this is a bug" not in said.err, said.err
    return said.out + said.err


def whole_story(fixit: CommandLine, incident: Incident, dsn: str, symptom: Path, out: Path) -> str:
    """Everything that is said from the diagnosis to the undo."""
    given = (dsn, "--code", incident.code, "--symptom", symptom)
    wanted = (*given, "--ledger-in-database")
    said = [
        told(fixit(*words))
        for words in (
            ("symptom", symptom),
            ("diagnose", *given),
            ("diagnose", *given, "--format", "json"),
            ("replay", dsn, "--symptom", symptom, "--format", "json"),
            ("rehearse", *wanted),
            ("export", *given, "--out", out),
        )
    ]
    nobody = fixit("diagnose", dsn.replace(incident.dsn.rpartition("/")[2], "no_such_database"))
    assert nobody.code == 3, nobody.err
    plan = hash_in(said[4])
    done = fixit("apply", *wanted, "--plan", plan, "--yes")
    assert done.code == 0, done.err
    said += [told(done), told(fixit("history")), told(fixit("history", "--format", "json"))]
    shown = told(fixit("undo", dsn))
    undone = fixit("undo", dsn, "--plan", hash_in(shown), "--yes")
    assert undone.code == 0, undone.err
    return "\n".join((*said, told(nobody), shown, told(undone)))


def files_below(*folders: Path) -> str:
    found = (path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file())
    return "\n".join(path.read_bytes().decode("utf-8", "replace") for path in found)


# An example takes seconds, so that a smaller failing one is not worth the search.
@settings(
    max_examples=3,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(planted, st.integers(0, 2))
def test_no_planted_secret_comes_out(
    fixit: CommandLine,
    incident: Make,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    secret: Planted,
    way: int,
) -> None:
    caplog.clear()
    caplog.set_level(logging.DEBUG)
    given_ = incident("customers")
    symptom = tmp_path / "planted.txt"
    symptom.write_text(secret.request() + secret.within(given_.symptom.read_text()))
    dsn = ways_to_connect(given_.dsn, secret.password)[way]
    out = tmp_path / "out"
    said = whole_story(fixit, given_, dsn, symptom, out)
    with psycopg.connect(given_.dsn) as connection:
        rows = connection.execute("SELECT t::text FROM fixit_tui.ledger AS t").fetchall()
    kept = "\n".join((said, files_below(fixit.state, out), caplog.text, *(str(r) for r in rows)))
    assert not [s for s in secret.all if s in kept or json.dumps(s)[1:-1] in kept]


@pytest.mark.parametrize("target", ["app:{}@db.example.org/shop", "{}:{}@localhost"])
def test_a_target_that_is_no_dsn_is_told_without_its_password(
    fixit: CommandLine, target: str
) -> None:
    said = fixit("diagnose", target.replace("{}", "hunter2hunter2"))
    assert said.code == 2
    assert "hunter2hunter2@" not in said.err


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(planted)
def test_a_receipt_for_the_channel_holds_no_secret_of_a_function(secret: Planted) -> None:
    body = (
        "CREATE OR REPLACE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN\n"
        f"  PERFORM net.http_post('https://example.org', headers := '{{\"apikey\": \"{secret.key}\"}}');\n"
        f"  PERFORM dblink('postgresql://app:{quote(secret.password, safe='')}@db/shop', 'x');\n"
        f"  PERFORM g('Bearer {secret.jwt}'); RETURN NEW; END$$"
    )
    receipt = Receipt(
        "r", "h", f"Title {secret.jwt}", "t", "d", "h", 1, "r", "a", PlanState.APPLIED, "", "", "1",
        (StatementResult(body, "CREATE FUNCTION", 1),), (body,), note=f"apikey={secret.key}",
    )  # fmt: skip
    shown = receipt_markdown(receipt)
    leaks = (
        secret.key,
        secret.signature,
        secret.jwt.split(".")[1],
        quote(secret.password, safe=""),
    )
    assert not [s for s in leaks if s in shown]
    assert "CREATE OR REPLACE FUNCTION public.f()" in shown
