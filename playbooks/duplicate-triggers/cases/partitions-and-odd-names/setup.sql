CREATE SCHEMA "My App"; CREATE SCHEMA fn;
CREATE TABLE "My App"."Order's" ("Id" bigint, region text NOT NULL DEFAULT 'eu', "userName" text, PRIMARY KEY ("Id", region)) PARTITION BY LIST (region);
CREATE TABLE "My App".o_eu PARTITION OF "My App"."Order's" FOR VALUES IN ('eu');
CREATE TABLE "My App".o_us PARTITION OF "My App"."Order's" FOR VALUES IN ('us');
CREATE TABLE fn."Stat" ("orderId" bigint PRIMARY KEY, "userName" text);
CREATE FUNCTION fn."mk stat"() RETURNS trigger LANGUAGE plpgsql AS $fn$ BEGIN INSERT INTO fn."Stat" ("orderId", "userName") VALUES (NEW."Id", NEW."userName"); RETURN NEW; END $fn$;
CREATE FUNCTION fn."mk stat"(x int) RETURNS int LANGUAGE sql AS 'SELECT x';
CREATE TRIGGER "a'1" AFTER INSERT ON "My App"."Order's" FOR EACH ROW EXECUTE FUNCTION fn."mk stat"();
CREATE TRIGGER "b ""2" AFTER INSERT ON "My App"."Order's" FOR EACH ROW EXECUTE FUNCTION fn."mk stat"();
