-- The one object that is always there; what it does not name has its default.
INSERT INTO object (kind, id, body) VALUES ('settings', 1, '{"id":1}');
INSERT INTO counter (kind, last) VALUES ('settings', 1);
