-- A service token for all lists, later ones too. It names none of them: one whose lists are all gone is for none, and not for all.
ALTER TABLE service_tokens ADD COLUMN all_lists INTEGER NOT NULL DEFAULT 0 CHECK (all_lists = 0 OR (all_lists = 1 AND lists = '[]'));
