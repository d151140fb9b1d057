-- What ends or prolongs a grant: the grant that it prolongs, who took it back and why.
ALTER TABLE grants ADD COLUMN extends TEXT NOT NULL DEFAULT '';
ALTER TABLE grants ADD COLUMN revoked_by TEXT NOT NULL DEFAULT '';
ALTER TABLE grants ADD COLUMN revoked_reason TEXT NOT NULL DEFAULT '';
