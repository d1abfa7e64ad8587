INSERT INTO contracts (region, title) VALUES ('EU', 'next');
