CREATE TABLE products (sku text PRIMARY KEY, title text NOT NULL);
ALTER TABLE products ENABLE ROW LEVEL SECURITY;
CREATE POLICY "everybody reads" ON products FOR SELECT USING (true);
GRANT SELECT, INSERT, UPDATE ON products TO anon, authenticated;

CREATE TABLE invoices (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), customer uuid NOT NULL, total numeric NOT NULL);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
CREATE POLICY "own invoices" ON invoices FOR SELECT TO authenticated USING ((SELECT auth.uid()) = customer);
GRANT SELECT ON invoices TO authenticated;

-- People place orders and look at them; the server, whose client comes from elsewhere, moves them on.
CREATE TABLE orders (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), customer uuid NOT NULL, state text NOT NULL DEFAULT 'new');
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY "see own orders" ON orders FOR SELECT TO authenticated USING ((SELECT auth.uid()) = customer);
CREATE POLICY "place own orders" ON orders FOR INSERT TO authenticated WITH CHECK ((SELECT auth.uid()) = customer);
GRANT SELECT, INSERT ON orders TO authenticated;
