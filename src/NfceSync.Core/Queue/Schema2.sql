-- Version 2: how often SEFAZ refused the configuration with which a note's version was sent. Such notes are sent behind the
-- others, in the order of an index of their own. And the protocol that the ERP's own nfeProc carried about a version: it is
-- news once, also where another version has taken the note's place since.

ALTER TABLE note ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0;

CREATE INDEX note_refused ON note (store_id, refusals, deadline_at, note_id) WHERE refusals > 0;

ALTER TABLE note_version ADD COLUMN evidence BLOB;
