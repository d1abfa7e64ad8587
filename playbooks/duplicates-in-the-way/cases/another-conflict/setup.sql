CREATE TABLE coupons (id serial PRIMARY KEY, code text NOT NULL CONSTRAINT coupons_code_key UNIQUE);
INSERT INTO coupons (code) VALUES ('SPRING');
