CREATE TABLE scores (player uuid NOT NULL, game integer NOT NULL, points integer NOT NULL, PRIMARY KEY (player, game));
ALTER TABLE scores ENABLE ROW LEVEL SECURITY;
CREATE POLICY "everybody sees scores" ON scores FOR SELECT USING (true);
CREATE POLICY "own scores" ON scores FOR INSERT TO authenticated WITH CHECK (player = auth.uid());
GRANT SELECT, INSERT, UPDATE ON scores TO authenticated;
INSERT INTO scores VALUES ('11111111-1111-4111-8111-000000000001', 1, 10);
