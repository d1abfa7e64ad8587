LOCK TABLE {{ parent }} IN SHARE ROW EXCLUSIVE MODE;

CREATE SCHEMA IF NOT EXISTS fixit_quarantine;

REVOKE ALL ON SCHEMA fixit_quarantine FROM PUBLIC;

CREATE TABLE {{ record }} AS
SELECT u.id, now() AS fixit_added_at, NULL::xid AS fixit_version
FROM auth.users AS u
WHERE NOT EXISTS (SELECT FROM {{ parent }} AS p WHERE p.{{ parent_key }} = u.id);

REVOKE ALL ON TABLE {{ record }} FROM PUBLIC;

INSERT INTO {{ parent }} ({{ parent_key }})
SELECT r.id FROM {{ record }} AS r;

UPDATE {{ record }} AS r SET fixit_version = p.xmin FROM {{ parent }} AS p WHERE p.{{ parent_key }} = r.id;
