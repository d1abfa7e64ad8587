CREATE TABLE products (sku text PRIMARY KEY, title text NOT NULL);
ALTER TABLE products ENABLE ROW LEVEL SECURITY;
CREATE POLICY "everybody reads" ON products FOR SELECT USING (true);
GRANT SELECT, INSERT, UPDATE ON products TO anon, authenticated;

CREATE TABLE invoices (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), customer uuid NOT NULL, total numeric NOT NULL);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
CREATE POLICY "own invoices" ON invoices FOR SELECT TO authenticated USING ((SELECT auth.uid()) = customer);
GRANT SELECT ON invoices TO authenticated;
