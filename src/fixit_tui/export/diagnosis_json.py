"""A diagnosis as the published JSON document 'fixit-tui/diagnosis/1'."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from fixit_tui.model.diagnosis import DIAGNOSIS_SCHEMA, Diagnosis
from fixit_tui.model.finding import Finding, Fix, Site, SqlChange, WriteUpFix
from fixit_tui.model.symptom import Symptom
from fixit_tui.model.target import Target

Json = dict[str, Any]


def schema_text() -> str:
    """The JSON Schema that every document of `to_json` satisfies."""
    return files("fixit_tui.export").joinpath("diagnosis-1.schema.json").read_text(encoding="utf-8")


def to_json(diagnosis: Diagnosis) -> Json:
    """The whole diagnosis, in the order in which findings explain the symptom."""
    return {
        "schema": DIAGNOSIS_SCHEMA,
        "target": _target(diagnosis.target),
        "symptom": _symptom(diagnosis.symptom) if diagnosis.symptom is not None else None,
        "playbooks": [
            {"id": r.id, "status": str(r.status), "reason": r.reason, "ms": r.ms}
            for r in diagnosis.runs
        ],
        "findings": [_finding(f) for f in diagnosis.findings],
        "gaps": [{"what": g.what, "costs": g.costs} for g in diagnosis.gaps],
        "unexplained": list(diagnosis.unexplained),
    }


def _target(target: Target) -> Json:
    return {
        "host": target.host,
        "port": target.port,
        "database": target.database,
        "role": target.role,
        "server_version": target.server_version,
        "platform": str(target.platform),
        "read_only": target.read_only,
    }


def _symptom(symptom: Symptom) -> Json:
    root = symptom.root
    return {
        "source": str(root.source),
        "headline": root.headline,
        "service": str(root.service),
        "sqlstate": root.sqlstate,
        "reported_sqlstate": symptom.sqlstate,
        "postgrest_code": root.postgrest_code,
        "http_status": root.http_status,
        "method": root.method,
        "schema": root.schema,
        "relation": root.relation,
        "referenced_relation": root.referenced_relation,
        "constraint": root.constraint,
        "operation": root.operation,
        "on_conflict": _names(root.on_conflict),
        "columns": _names(root.columns),
        "key_columns": _names(root.key_columns),
        "statement": root.statement,
        "role": root.role,
        "message": root.message,
    }


def _names(names: tuple[str, ...] | None) -> list[str] | None:
    return None if names is None else list(names)


def _finding(finding: Finding) -> Json:
    return {
        "id": finding.id,
        "playbook": finding.playbook,
        "cause": finding.cause,
        "severity": str(finding.severity),
        "confidence": str(finding.confidence),
        "title": finding.title,
        "relation": finding.relation,
        "object": finding.object,
        "document": finding.document,
        "explains": finding.explains,
        "why": list(finding.why),
        "evidence": [{"label": e.label, "value": e.value} for e in finding.evidence],
        "sites": [_site(s) for s in finding.sites],
        "ruled_out": [{"cause": r.cause, "because": r.because} for r in finding.ruled_out],
        "fixes": [_fix(f) for f in finding.fixes],
        "do_nothing": finding.do_nothing,
        "writeup": _writeup(finding.writeup) if finding.writeup is not None else None,
    }


def _writeup(fix: WriteUpFix) -> Json:
    return {"title": fix.title, "why_not": fix.why_not}


def _site(site: Site) -> Json:
    if site.file is not None:
        return {"file": site.file, "line": site.line, "end_line": site.end_line}
    return {"function": site.function, "line": site.line}


def _fix(fix: Fix) -> Json:
    return {
        "id": fix.id,
        "title": fix.title,
        "recommended": fix.recommended,
        "kind": str(fix.kind),
        "tradeoff": fix.tradeoff,
        "advice": fix.advice,
        "deploy_order": fix.deploy_order,
        "sql": _sql(fix.sql) if fix.sql is not None else None,
        "patch": fix.patch,
        "preconditions": [
            {"label": c.label, "holds": c.holds, "detail": c.detail} for c in fix.preconditions
        ],
    }


def _sql(sql: SqlChange) -> Json:
    return {
        "up": sql.up,
        "undo": sql.undo,
        "verify": sql.verify,
        "transactional": sql.transactional,
        "locks": [{"relation": lock.relation, "mode": lock.mode} for lock in sql.locks],
    }
