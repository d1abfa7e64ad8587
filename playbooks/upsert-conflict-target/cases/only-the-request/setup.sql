CREATE TABLE desk_settings (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), person uuid NOT NULL UNIQUE, engine text, colour text);
