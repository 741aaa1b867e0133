-- Boards that stay fast with a million runners, and boards of a year, month or week.

-- The best of each runner within a stretch of time, by the date of the run's place.
CREATE TABLE period_rankings (
  course_id text NOT NULL REFERENCES courses (id) ON DELETE CASCADE,
  period varchar(5) NOT NULL CHECK (period IN ('year', 'month', 'week')),
  starts_on varchar(10) NOT NULL, -- the first day: 2026-11-23
  user_id text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  best_duration_seconds integer NOT NULL,
  best_pace_seconds_per_km integer NOT NULL,
  run_count integer NOT NULL DEFAULT 1,
  achieved_at timestamp NOT NULL,
  updated_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')),
  created_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')),
  PRIMARY KEY (course_id, period, starts_on, user_id)
);
CREATE INDEX period_rankings_board ON period_rankings (course_id, period, starts_on, best_duration_seconds, achieved_at, user_id);
CREATE INDEX period_rankings_user_id ON period_rankings (user_id);

-- How many runners of a board have a best time within each second (width 1) and
-- each 128 s: a rank is a sum of a few hundred of these rows, and a finish
-- changes four, however long the board is. Kept by the triggers below.
CREATE TABLE board_counts (
  course_id text NOT NULL REFERENCES courses (id) ON DELETE CASCADE,
  period varchar(5) NOT NULL,
  starts_on varchar(10) NOT NULL,
  width integer NOT NULL,
  bucket integer NOT NULL, -- best_duration_seconds / width
  runners integer NOT NULL,
  created_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')),
  PRIMARY KEY (course_id, period, starts_on, width, bucket)
);
CREATE TRIGGER rankings_inserted AFTER INSERT ON rankings BEGIN
  INSERT INTO board_counts (course_id, period, starts_on, width, bucket, runners) VALUES
    (new.course_id, 'all', '', 1, new.best_duration_seconds, 1), (new.course_id, 'all', '', 128, new.best_duration_seconds / 128, 1)
    ON CONFLICT (course_id, period, starts_on, width, bucket) DO UPDATE SET runners = runners + 1;
END;
CREATE TRIGGER rankings_updated AFTER UPDATE OF best_duration_seconds ON rankings WHEN new.best_duration_seconds <> old.best_duration_seconds BEGIN
  UPDATE board_counts SET runners = runners - 1 WHERE course_id = old.course_id AND period = 'all' AND starts_on = ''
    AND ((width = 1 AND bucket = old.best_duration_seconds) OR (width = 128 AND bucket = old.best_duration_seconds / 128));
  INSERT INTO board_counts (course_id, period, starts_on, width, bucket, runners) VALUES
    (new.course_id, 'all', '', 1, new.best_duration_seconds, 1), (new.course_id, 'all', '', 128, new.best_duration_seconds / 128, 1)
    ON CONFLICT (course_id, period, starts_on, width, bucket) DO UPDATE SET runners = runners + 1;
END;
CREATE TRIGGER rankings_deleted AFTER DELETE ON rankings BEGIN
  UPDATE board_counts SET runners = runners - 1 WHERE course_id = old.course_id AND period = 'all' AND starts_on = ''
    AND ((width = 1 AND bucket = old.best_duration_seconds) OR (width = 128 AND bucket = old.best_duration_seconds / 128));
END;
CREATE TRIGGER period_rankings_inserted AFTER INSERT ON period_rankings BEGIN
  INSERT INTO board_counts (course_id, period, starts_on, width, bucket, runners) VALUES
    (new.course_id, new.period, new.starts_on, 1, new.best_duration_seconds, 1),
    (new.course_id, new.period, new.starts_on, 128, new.best_duration_seconds / 128, 1)
    ON CONFLICT (course_id, period, starts_on, width, bucket) DO UPDATE SET runners = runners + 1;
END;
CREATE TRIGGER period_rankings_updated AFTER UPDATE OF best_duration_seconds ON period_rankings WHEN new.best_duration_seconds <> old.best_duration_seconds BEGIN
  UPDATE board_counts SET runners = runners - 1 WHERE course_id = old.course_id AND period = old.period AND starts_on = old.starts_on
    AND ((width = 1 AND bucket = old.best_duration_seconds) OR (width = 128 AND bucket = old.best_duration_seconds / 128));
  INSERT INTO board_counts (course_id, period, starts_on, width, bucket, runners) VALUES
    (new.course_id, new.period, new.starts_on, 1, new.best_duration_seconds, 1),
    (new.course_id, new.period, new.starts_on, 128, new.best_duration_seconds / 128, 1)
    ON CONFLICT (course_id, period, starts_on, width, bucket) DO UPDATE SET runners = runners + 1;
END;
CREATE TRIGGER period_rankings_deleted AFTER DELETE ON period_rankings BEGIN
  UPDATE board_counts SET runners = runners - 1 WHERE course_id = old.course_id AND period = old.period AND starts_on = old.starts_on
    AND ((width = 1 AND bucket = old.best_duration_seconds) OR (width = 128 AND bucket = old.best_duration_seconds / 128));
END;

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
  FROM rankings CROSS JOIN (SELECT 1 AS width UNION ALL SELECT 128) GROUP BY 1, 2, 3, 4, 5;
INSERT INTO period_rankings (course_id, period, starts_on, user_id, best_duration_seconds, best_pace_seconds_per_km, run_count, achieved_at)
  SELECT course_id, period, starts_on, user_id, course_duration_seconds, pace, runs, finished_at FROM (
    SELECT course_id, period, starts_on, user_id, course_duration_seconds, finished_at,
      CASE WHEN distance_meters > 0 THEN CAST(round(course_duration_seconds * 1000.0 / distance_meters) AS integer) ELSE 0 END AS pace,
      count(*) OVER (PARTITION BY course_id, period, starts_on, user_id) AS runs,
      row_number() OVER (PARTITION BY course_id, period, starts_on, user_id ORDER BY course_duration_seconds, finished_at, id) AS place
    FROM (
      SELECT r.course_id, p.period, r.user_id, r.course_duration_seconds, r.finished_at, r.id, c.distance_meters,
        CASE p.period WHEN 'year' THEN date(r.local_date, 'start of year') WHEN 'month' THEN date(r.local_date, 'start of month')
          ELSE date(r.local_date, 'weekday 0', '-6 days') END AS starts_on
      FROM run_records AS r JOIN courses AS c ON c.id = r.course_id
      CROSS JOIN (SELECT 'year' AS period UNION ALL SELECT 'month' UNION ALL SELECT 'week') AS p
      WHERE r.processing = 'done' AND r.course_completed AND r.course_duration_seconds IS NOT NULL AND r.local_date IS NOT NULL))
  WHERE place = 1;
