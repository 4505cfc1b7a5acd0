-- When a key ends by itself; NULL: never. Where a session was opened from, and by what.
ALTER TABLE api_key ADD COLUMN expires INTEGER;
ALTER TABLE session ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN agent TEXT NOT NULL DEFAULT '';
