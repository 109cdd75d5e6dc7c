-- A service token for all lists, later ones too. It names none of them: one whose lists are all gone is for none, and not for all.
ALTER TABLE service_tokens ADD COLUMN all_lists INTEGER NOT NULL DEFAULT 0 CHECK (all_lists = 0 OR (all_lists = 1 AND lists = '[]'));

-- Webhook secrets are sealed (`sealed:`, the pepper's id, `:`, base64url) from now on. Those of before, `whsec_`, and those under an
-- older pepper are found by what they begin with, and sealed anew.
CREATE INDEX alert_settings_by_secret ON alert_settings (webhook_secret) WHERE webhook_secret IS NOT NULL;
