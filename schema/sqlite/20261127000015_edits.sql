-- What became of a run after it was recorded: of which stretches of which recordings
-- it is made, and what it is held to on its course.
ALTER TABLE run_records ADD COLUMN version integer NOT NULL DEFAULT 0;
ALTER TABLE run_records ADD COLUMN edits text;

-- A run that is part of another one counts with that, and one that was split off
-- another goes when that is undone.
ALTER TABLE run_records ADD COLUMN merged_into text REFERENCES run_records (id) ON DELETE SET NULL;
CREATE INDEX run_records_merged_into ON run_records (merged_into) WHERE merged_into IS NOT NULL;
ALTER TABLE run_records ADD COLUMN split_from text REFERENCES run_records (id) ON DELETE SET NULL;
CREATE INDEX run_records_split_from ON run_records (split_from) WHERE split_from IS NOT NULL;

-- A copy of a track is known as it was recorded and as it is edited.
ALTER TABLE run_records ADD COLUMN edited_digest blob;
CREATE INDEX run_records_edited_digest ON run_records (edited_digest) WHERE edited_digest IS NOT NULL;
