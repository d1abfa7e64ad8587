ALTER TABLE starters ADD CHECK (template < 2) NOT VALID;
