-- The queue, version 1. Times are Unix milliseconds (UTC) unless a column is named dh_*: those are SEFAZ's or the ERP's
-- own text, offset included. No row of a note, a document or an attempt is ever deleted.

CREATE TABLE store (
    store_id          INTEGER PRIMARY KEY,
    name              TEXT    NOT NULL COLLATE NOCASE,
    issuer_id         TEXT    NOT NULL,
    tp_amb            INTEGER NOT NULL CHECK (tp_amb IN (1, 2)),
    uf                TEXT    NOT NULL,
    system            TEXT    NOT NULL,
    archive_path      TEXT    NOT NULL,
    pfx_path          TEXT,
    thumbprint        TEXT,
    service_base      TEXT,
    trusted_root_path TEXT,
    registered_at     INTEGER NOT NULL,
    unregistered_at   INTEGER,
    UNIQUE (issuer_id, tp_amb),
    CHECK ((pfx_path IS NULL) <> (thumbprint IS NULL))
) STRICT;

CREATE UNIQUE INDEX store_name ON store (name) WHERE unregistered_at IS NULL;

CREATE TABLE source_folder (
    store_id  INTEGER NOT NULL REFERENCES store,
    ordinal   INTEGER NOT NULL,
    path      TEXT    NOT NULL,
    recursive INTEGER NOT NULL,
    pattern   TEXT    NOT NULL,
    PRIMARY KEY (store_id, ordinal)
) STRICT, WITHOUT ROWID;

-- What was seen in the source folders; size and modification time let an unchanged file be skipped.
CREATE TABLE source_file (
    file_id     INTEGER PRIMARY KEY,
    store_id    INTEGER NOT NULL REFERENCES store,
    path        TEXT    NOT NULL,
    size        INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    scanned_at  INTEGER NOT NULL,
    UNIQUE (store_id, path)
) STRICT;

-- What a file held that is no note of the queue: limbo candidates, ignored and quarantined documents.
CREATE TABLE source_document (
    document_id  INTEGER PRIMARY KEY,
    file_id      INTEGER NOT NULL REFERENCES source_file,
    ordinal      INTEGER NOT NULL,
    kind         INTEGER NOT NULL,
    ch_nfe       TEXT,
    dh_emi       TEXT,
    v_nf         INTEGER,
    reason_id    TEXT,
    reason_args  TEXT,
    content      BLOB,
    found_at     INTEGER NOT NULL,
    replaced_at  INTEGER,
    exception    TEXT,
    exception_by TEXT,
    exception_at INTEGER
) STRICT;

CREATE INDEX source_document_file ON source_document (file_id) WHERE replaced_at IS NULL;
CREATE INDEX source_document_kind ON source_document (kind, ch_nfe) WHERE replaced_at IS NULL;

CREATE TABLE note (
    note_id        INTEGER PRIMARY KEY,
    ch_nfe         TEXT    NOT NULL UNIQUE,
    store_id       INTEGER NOT NULL REFERENCES store,
    state          INTEGER NOT NULL,
    version_id     INTEGER NOT NULL,
    digest_value   TEXT    NOT NULL,
    dh_emi         TEXT    NOT NULL,
    dh_cont        TEXT,
    x_just         TEXT,
    v_nf           INTEGER NOT NULL,
    deadline_at    INTEGER NOT NULL,
    evidence       BLOB,
    attempts       INTEGER NOT NULL DEFAULT 0,
    consult_turns  INTEGER NOT NULL DEFAULT 0,
    not_before     INTEGER,
    c_stat         INTEGER,
    x_motivo       TEXT,
    reason_id      TEXT,
    reason_args    TEXT,
    other_key      TEXT,
    n_rec          TEXT,
    n_prot         TEXT,
    dh_recbto      TEXT,
    protocol       BLOB,
    event          BLOB,
    corrected      INTEGER NOT NULL DEFAULT 0,
    first_seen_at  INTEGER NOT NULL,
    changed_at     INTEGER NOT NULL,
    archived_at    INTEGER,
    exception      TEXT,
    exception_by   TEXT,
    exception_at   INTEGER
) STRICT;

CREATE INDEX note_open ON note (store_id, deadline_at, note_id) WHERE state NOT IN (6, 7, 8);
CREATE INDEX note_unarchived ON note (store_id) WHERE archived_at IS NULL AND protocol IS NOT NULL;

-- Every set of bytes that was ever seen under a key; the note's version_id names the one that counts.
CREATE TABLE note_version (
    version_id   INTEGER PRIMARY KEY,
    ch_nfe       TEXT    NOT NULL,
    digest_value TEXT    NOT NULL,
    bytes        BLOB    NOT NULL,
    source_bytes BLOB,
    source_path  TEXT,
    seen_at      INTEGER NOT NULL
) STRICT;

CREATE INDEX note_version_key ON note_version (ch_nfe);

-- The scope of a block for consumo indevido (cStat 656), with what is known of the service there.
CREATE TABLE scope (
    scope_id       INTEGER PRIMARY KEY,
    authoriser     TEXT    NOT NULL,
    tp_amb         INTEGER NOT NULL,
    certificate_id TEXT    NOT NULL,
    issuer_id      TEXT    NOT NULL,
    blocked_at     INTEGER,
    blocked_until  INTEGER,
    blocks         INTEGER NOT NULL DEFAULT 0,
    running_at     INTEGER,
    clock_skew     INTEGER,
    UNIQUE (authoriser, tp_amb, certificate_id, issuer_id)
) STRICT;

-- Every call to SEFAZ: what was asked, what came back, how long it took. Written before the call, ended after it.
CREATE TABLE attempt (
    attempt_id  INTEGER PRIMARY KEY,
    note_id     INTEGER REFERENCES note,
    version_id  INTEGER,
    scope_id    INTEGER NOT NULL REFERENCES scope,
    service     INTEGER NOT NULL,
    lease_token INTEGER NOT NULL,
    started_at  INTEGER NOT NULL,
    ended_at    INTEGER,
    outcome     INTEGER NOT NULL,
    http_status INTEGER,
    c_stat      INTEGER,
    x_motivo    TEXT,
    n_rec       TEXT,
    dh_recbto   TEXT,
    ver_aplic   TEXT,
    disposition INTEGER,
    detail      TEXT,
    reply       BLOB
) STRICT;

CREATE INDEX attempt_note ON attempt (note_id, attempt_id);

-- One run at a time per CNPJ and environment. The token grows with every grant: writes of an older one are refused.
CREATE TABLE lease (
    issuer_id   TEXT    NOT NULL,
    tp_amb      INTEGER NOT NULL,
    token       INTEGER NOT NULL,
    owner       TEXT    NOT NULL,
    machine     TEXT    NOT NULL,
    process     TEXT    NOT NULL,
    started_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    released_at INTEGER,
    PRIMARY KEY (issuer_id, tp_amb)
) STRICT, WITHOUT ROWID;

-- Every rebuilding of a damaged queue. A note that comes in later may have been sent by the lost one: it is consulted first,
-- unless it was issued after SEFAZ's first word about its service since (an attempt behind last_attempt_id). Where the limits
-- of SEFAZ could not be read, nothing is sent before held_until. Where neither all stores nor all notes could be read, part_lost
-- is 1 and a person has to look at each store that is registered again.
CREATE TABLE repair (
    repaired_at     INTEGER NOT NULL,
    damaged_path    TEXT    NOT NULL,
    last_attempt_id INTEGER NOT NULL,
    held_until      INTEGER,
    part_lost       INTEGER NOT NULL DEFAULT 0
) STRICT;
