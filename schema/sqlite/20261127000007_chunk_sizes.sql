-- What sessions hold is bounded, and so is how many a runner has.

-- How many fixes a chunk has, and how long its points and claims are as JSON. Of
-- older chunks it is not known: they count as nothing.
ALTER TABLE run_chunks ADD COLUMN fixes integer NOT NULL DEFAULT 0;
ALTER TABLE run_chunks ADD COLUMN bytes integer NOT NULL DEFAULT 0;

-- Sessions of imported files, which close as soon as they are made, are counted
-- by the day; the others while they are active.
ALTER TABLE run_sessions ADD COLUMN imported boolean NOT NULL DEFAULT false;
CREATE INDEX run_sessions_imported ON run_sessions (user_id, created_at DESC) WHERE imported;
CREATE INDEX run_sessions_active_of ON run_sessions (user_id, active_since) WHERE status = 'active';
