CREATE SCHEMA crm;
CREATE TABLE crm."Contact Points" (
  "orgId" integer NOT NULL,
  no integer NOT NULL,
  "Value" text NOT NULL,
  "replacedBy" integer,
  PRIMARY KEY ("orgId", no),
  FOREIGN KEY ("orgId", "replacedBy") REFERENCES crm."Contact Points" ("orgId", no) ON DELETE CASCADE
);
CREATE TABLE crm.calls (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), org integer, point integer, note text,
  FOREIGN KEY (org, point) REFERENCES crm."Contact Points" ("orgId", no) ON DELETE CASCADE ON UPDATE CASCADE);
INSERT INTO crm."Contact Points" VALUES (1, 1, 'a@x.org', NULL), (1, 2, 'a@x.org', 1), (1, 3, 'b@x.org', 1), (1, 4, 'a@x.org', 4), (2, 1, 'a@x.org', NULL), (1, 5, 'c@x.org', 2);
INSERT INTO crm.calls (org, point, note) VALUES (1, 1, 'x'), (1, 2, 'y'), (1, 4, 'z'), (2, 1, 'q'), (NULL, 1, 'n');
