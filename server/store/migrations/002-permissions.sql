-- What a user of the LoadMaster API may do beside the role: words, separated by commas.
ALTER TABLE user ADD COLUMN permissions TEXT NOT NULL DEFAULT '';
