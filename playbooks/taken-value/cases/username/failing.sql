INSERT INTO profiles (username, bio) VALUES ('ada', 'another one');
