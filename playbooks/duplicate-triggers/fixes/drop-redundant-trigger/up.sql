DROP TRIGGER IF EXISTS {{ redundant }} ON {{ outer }};
