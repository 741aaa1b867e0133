-- Boards that stay fast with a million runners, boards of a year, month or
-- week, and a map that knows which courses are run most.

-- The best of each runner within a stretch of time, by the date of the run's place.
CREATE TABLE period_rankings (
  course_id uuid NOT NULL REFERENCES courses (id) ON DELETE CASCADE,
  period varchar(5) NOT NULL CHECK (period IN ('year', 'month', 'week')),
  starts_on varchar(10) NOT NULL, -- the first day: 2026-11-23
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  best_duration_seconds integer NOT NULL,
  best_pace_seconds_per_km integer NOT NULL,
  run_count integer NOT NULL DEFAULT 1,
  achieved_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (course_id, period, starts_on, user_id)
);
CREATE INDEX period_rankings_board ON period_rankings (course_id, period, starts_on, best_duration_seconds, achieved_at, user_id);
CREATE INDEX period_rankings_user_id ON period_rankings (user_id);

-- How many runners of a board have a best time within each second (width 1) and
-- each 128 s: a rank is a sum of a few hundred of these rows, and a finish
-- changes four, however long the board is. Kept by the triggers below.
CREATE TABLE board_counts (
  course_id uuid NOT NULL REFERENCES courses (id) ON DELETE CASCADE,
  period varchar(5) NOT NULL,
  starts_on varchar(10) NOT NULL,
  width integer NOT NULL,
  bucket integer NOT NULL, -- best_duration_seconds / width
  runners integer NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (course_id, period, starts_on, width, bucket)
) WITH (fillfactor = 60);

CREATE FUNCTION count_rankings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO board_counts (course_id, period, starts_on, width, bucket, runners)
      SELECT course_id, 'all', '', width, best_duration_seconds / width, count(*)
      FROM new_rows CROSS JOIN (VALUES (1), (128)) AS widths (width) GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
      ON CONFLICT (course_id, period, starts_on, width, bucket) DO UPDATE SET runners = board_counts.runners + excluded.runners;
  ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO board_counts (course_id, period, starts_on, width, bucket, runners)
      SELECT course_id, 'all', '', width, best_duration_seconds / width, sum(n)
      FROM (SELECT course_id, best_duration_seconds, 1 AS n FROM new_rows
        UNION ALL SELECT course_id, best_duration_seconds, -1 FROM old_rows) AS changes
      CROSS JOIN (VALUES (1), (128)) AS widths (width) GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0 ORDER BY 1, 2, 3, 4, 5
      ON CONFLICT (course_id, period, starts_on, width, bucket) DO UPDATE SET runners = board_counts.runners + excluded.runners;
  ELSE -- never an insert: the course may be going as well
    UPDATE board_counts AS c SET runners = c.runners - gone.n FROM (
      SELECT course_id, width, best_duration_seconds / width AS bucket, count(*) AS n
      FROM old_rows CROSS JOIN (VALUES (1), (128)) AS widths (width) GROUP BY 1, 2, 3) AS gone
      WHERE c.course_id = gone.course_id AND c.period = 'all' AND c.starts_on = '' AND c.width = gone.width AND c.bucket = gone.bucket;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER rankings_inserted AFTER INSERT ON rankings REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_rankings();
CREATE TRIGGER rankings_updated AFTER UPDATE ON rankings REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_rankings();
CREATE TRIGGER rankings_deleted AFTER DELETE ON rankings REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION count_rankings();

CREATE FUNCTION count_period_rankings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO board_counts (course_id, period, starts_on, width, bucket, runners)
      SELECT course_id, period, starts_on, width, best_duration_seconds / width, count(*)
      FROM new_rows CROSS JOIN (VALUES (1), (128)) AS widths (width) GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
      ON CONFLICT (course_id, period, starts_on, width, bucket) DO UPDATE SET runners = board_counts.runners + excluded.runners;
  ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO board_counts (course_id, period, starts_on, width, bucket, runners)
      SELECT course_id, period, starts_on, width, best_duration_seconds / width, sum(n)
      FROM (SELECT course_id, period, starts_on, best_duration_seconds, 1 AS n FROM new_rows
        UNION ALL SELECT course_id, period, starts_on, best_duration_seconds, -1 FROM old_rows) AS changes
      CROSS JOIN (VALUES (1), (128)) AS widths (width) GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0 ORDER BY 1, 2, 3, 4, 5
      ON CONFLICT (course_id, period, starts_on, width, bucket) DO UPDATE SET runners = board_counts.runners + excluded.runners;
  ELSE
    UPDATE board_counts AS c SET runners = c.runners - gone.n FROM (
      SELECT course_id, period, starts_on, width, best_duration_seconds / width AS bucket, count(*) AS n
      FROM old_rows CROSS JOIN (VALUES (1), (128)) AS widths (width) GROUP BY 1, 2, 3, 4, 5) AS gone
      WHERE c.course_id = gone.course_id AND c.period = gone.period AND c.starts_on = gone.starts_on AND c.width = gone.width AND c.bucket = gone.bucket;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER period_rankings_inserted AFTER INSERT ON period_rankings REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_period_rankings();
CREATE TRIGGER period_rankings_updated AFTER UPDATE ON period_rankings REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_period_rankings();
CREATE TRIGGER period_rankings_deleted AFTER DELETE ON period_rankings REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION count_period_rankings();

-- What statistics are made of, so that a run more or less is added or taken away.
ALTER TABLE course_stats ADD COLUMN completed_runs integer NOT NULL DEFAULT 0;
ALTER TABLE course_stats ADD COLUMN sum_duration_seconds bigint NOT NULL DEFAULT 0;

-- All runs of a runner on a course: what board and statistics are corrected by.
DROP INDEX run_records_course_best;
CREATE INDEX run_records_course_runner ON run_records (course_id, user_id);

-- Which rows of short boards carry their rank.
CREATE INDEX rankings_cached ON rankings (course_id) WHERE rank IS NOT NULL;

-- What exists already is counted.
UPDATE course_stats SET completed_runs = t.completed, sum_duration_seconds = t.sum FROM (
  SELECT course_id, count(*) AS completed, sum(course_duration_seconds) AS sum FROM run_records
  WHERE processing = 'done' AND course_completed AND course_duration_seconds IS NOT NULL GROUP BY course_id) AS t
  WHERE course_stats.course_id = t.course_id;
INSERT INTO board_counts (course_id, period, starts_on, width, bucket, runners)
  SELECT course_id, 'all', '', width, best_duration_seconds / width, count(*)
  FROM rankings CROSS JOIN (VALUES (1), (128)) AS widths (width) GROUP BY 1, 2, 3, 4, 5;
INSERT INTO period_rankings (course_id, period, starts_on, user_id, best_duration_seconds, best_pace_seconds_per_km, run_count, achieved_at)
  SELECT DISTINCT ON (r.course_id, p.period, date_trunc(p.period, r.local_date::date), r.user_id)
    r.course_id, p.period, to_char(date_trunc(p.period, r.local_date::date), 'YYYY-MM-DD'), r.user_id, r.course_duration_seconds,
    CASE WHEN c.distance_meters > 0 THEN round(r.course_duration_seconds * 1000.0 / c.distance_meters) ELSE 0 END,
    count(*) OVER (PARTITION BY r.course_id, p.period, date_trunc(p.period, r.local_date::date), r.user_id), r.finished_at
  FROM run_records AS r JOIN courses AS c ON c.id = r.course_id CROSS JOIN (VALUES ('year'), ('month'), ('week')) AS p (period)
  WHERE r.processing = 'done' AND r.course_completed AND r.course_duration_seconds IS NOT NULL AND r.local_date IS NOT NULL
  ORDER BY r.course_id, p.period, date_trunc(p.period, r.local_date::date), r.user_id, r.course_duration_seconds, r.finished_at, r.id;
