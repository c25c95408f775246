-- `job.said` is only why a job was given up or has to be tried again; results are found by their own keys.

-- What applications use that others might, too: of each application what its latest examination found.
CREATE TABLE reuse (
    key TEXT NOT NULL,
    call TEXT NOT NULL,
    application TEXT NOT NULL,
    applicant_name TEXT NOT NULL,
    applicant_uscc TEXT NOT NULL,
    file TEXT NOT NULL,
    page BIGINT NOT NULL,
    facts TEXT NOT NULL
);
CREATE INDEX reuse_of ON reuse (key);
CREATE INDEX reuse_by ON reuse (application);

-- What people decided, each decision once and never changed: a later one goes before an earlier one.
CREATE TABLE decision (
    id TEXT PRIMARY KEY,
    application TEXT NOT NULL,
    run TEXT NOT NULL,
    rule TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at BIGINT NOT NULL
);
CREATE INDEX decision_of ON decision (application, decided_at);
