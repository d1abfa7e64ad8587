-- Published tables.
SELECT p.pubname AS publication, r.prrelid::bigint AS relation FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid
