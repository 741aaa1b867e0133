-- What the runner did, what a file said beside its fixes, and the heart of a run.
ALTER TABLE run_sessions ADD COLUMN activity varchar(10) NOT NULL DEFAULT 'run';
ALTER TABLE run_sessions ADD COLUMN source jsonb;
ALTER TABLE run_records ADD COLUMN activity varchar(10) NOT NULL DEFAULT 'run';
ALTER TABLE run_records ADD COLUMN indoor boolean NOT NULL DEFAULT false;
ALTER TABLE run_records ADD COLUMN skipped_points integer NOT NULL DEFAULT 0;
ALTER TABLE run_records ADD COLUMN heart jsonb;

-- Of several recordings of one run the first counts.
ALTER TABLE run_records ADD COLUMN duplicate_of uuid REFERENCES run_records (id) ON DELETE SET NULL;
CREATE INDEX run_records_duplicate_of ON run_records (duplicate_of) WHERE duplicate_of IS NOT NULL;

-- Heart-rate zones need the highest rate, which is known or follows from the age.
ALTER TABLE users ADD COLUMN max_heart_rate integer;
ALTER TABLE users ADD COLUMN birth_year integer;
