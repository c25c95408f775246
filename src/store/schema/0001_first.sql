-- One text for SQLite and PostgreSQL. Times are milliseconds since 1970, decimals and dates are text,
-- and a file is named by the SHA-256 of its bytes.

-- Files as they were handed in; their bytes lie in `documents/` of the files' place.
CREATE TABLE document (
    sha256 TEXT PRIMARY KEY,
    format TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    kept_at BIGINT NOT NULL
);

-- What was read of a file, by what; the reading itself lies in `readings/`.
CREATE TABLE reading (
    key TEXT PRIMARY KEY,
    sha256 TEXT NOT NULL,
    made_with TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    kept_at BIGINT NOT NULL
);
CREATE INDEX reading_of ON reading (sha256);

-- Cases by the identifier they declare, or by the name of their folder.
CREATE TABLE application (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    applicant_name TEXT,
    applicant_uscc TEXT,
    category TEXT
);

-- An examination of a case, by the hash of all that went into it.
CREATE TABLE run (
    key TEXT PRIMARY KEY,
    application TEXT NOT NULL,
    pack TEXT NOT NULL,
    pack_version TEXT NOT NULL,
    today TEXT NOT NULL,
    outcome TEXT NOT NULL,
    summary TEXT NOT NULL,
    made_at BIGINT NOT NULL
);
CREATE INDEX run_of ON run (application, made_at);

-- The reports of a run; their bytes lie in `reports/`.
CREATE TABLE run_report (
    run TEXT NOT NULL,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (run, name)
);

-- Which files a run saw, under which names.
CREATE TABLE run_document (
    run TEXT NOT NULL,
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (run, file)
);
CREATE INDEX run_document_is ON run_document (sha256);

CREATE TABLE fact (
    run TEXT NOT NULL,
    id BIGINT NOT NULL,
    subject TEXT NOT NULL,
    field TEXT NOT NULL,
    value TEXT,
    file TEXT,
    page BIGINT,
    confidence TEXT NOT NULL,
    PRIMARY KEY (run, id)
);

CREATE TABLE finding (
    run TEXT NOT NULL,
    position BIGINT NOT NULL,
    rule TEXT NOT NULL,
    code TEXT NOT NULL,
    outcome TEXT NOT NULL,
    severity TEXT NOT NULL,
    reasons TEXT NOT NULL,
    declared TEXT,
    found TEXT,
    difference TEXT,
    PRIMARY KEY (run, position)
);

-- Batches that were begun and not finished, with the day that counted as today then.
CREATE TABLE batch (
    key TEXT PRIMARY KEY,
    today TEXT NOT NULL,
    begun_at BIGINT NOT NULL
);

-- Work to be done. `delivered` is counted before the work begins, `token` fences off who lost the lease,
-- and `said` is what the worker said at the end: the key of a result, or why it gave up.
CREATE TABLE job (
    batch TEXT NOT NULL,
    key TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    delivered BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    leased_by TEXT NOT NULL,
    token BIGINT NOT NULL,
    said TEXT NOT NULL,
    PRIMARY KEY (batch, key)
);
CREATE INDEX job_ready ON job (batch, state, leased_until);
