-- What was handed in of a case when a run was made, as JSON of whoever recorded it: the names of the files with
-- the hashes of their bytes, which lie in `documents/`. With it a run can be made again by other rules. Whose
-- application it is says `applicant`: identifiers alone may be those of several firms.
CREATE TABLE handed_in (
    run TEXT PRIMARY KEY,
    applicant TEXT NOT NULL,
    files TEXT NOT NULL
);
