-- What a person wants of sign-ins (domain.md row 20).
ALTER TABLE accounts ADD COLUMN warn_release BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE accounts ADD COLUMN show_details BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE accounts ADD COLUMN tell_signin BOOLEAN NOT NULL DEFAULT TRUE;
