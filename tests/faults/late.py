"""A trigger that runs at COMMIT and no sooner."""

from __future__ import annotations


def at_commit(body: str) -> tuple[str, ...]:
    """Statements that make PL/pgSQL `body` run at the COMMIT of whoever updates public.goals.

    What is deferred there puts itself off once more, so that SET CONSTRAINTS ALL IMMEDIATE does
    not bring it about.
    """
    return (
        "CREATE TABLE public.later (n int)",
        "CREATE FUNCTION public.late() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$BEGIN {body} RETURN NULL; END$$",
        "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON public.later DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION public.late()",
        "CREATE FUNCTION public.put_off() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN"
        " SET CONSTRAINTS public.late DEFERRED; INSERT INTO public.later VALUES (1);"
        " RETURN NULL; END$$",
        "CREATE CONSTRAINT TRIGGER put_off AFTER UPDATE ON public.goals DEFERRABLE INITIALLY"
        " DEFERRED FOR EACH ROW EXECUTE FUNCTION public.put_off()",
    )
