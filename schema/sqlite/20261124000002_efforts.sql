-- The fastest stretches within a run, and the day it was run on where it was run.
ALTER TABLE run_records ADD COLUMN best_efforts text;
ALTER TABLE run_records ADD COLUMN local_date varchar(10);
