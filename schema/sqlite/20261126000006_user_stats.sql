-- Statistics of runners as rows that are kept, and boards in other orders.

-- What a runner's processed runs add up to, ever and by the week and month of
-- their place; a period without runs has no row. A run is added when it is
-- processed and taken away when it is deleted, under the runner's lock.
CREATE TABLE user_periods (
  user_id text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  period varchar(5) NOT NULL CHECK (period IN ('all', 'month', 'week')),
  starts_on varchar(10) NOT NULL, -- the first day: 2026-11-23; '' for all
  runs integer NOT NULL,
  distance_meters bigint NOT NULL,
  duration_seconds bigint NOT NULL, -- moving
  updated_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')),
  created_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')),
  PRIMARY KEY (user_id, period, starts_on)
);

-- A runner's fastest stretch of each length inside any run. The run is no
-- foreign key, as on PostgreSQL, where checking it could lock crosswise.
CREATE TABLE user_bests (
  user_id text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  distance_meters real NOT NULL, -- of the stretch
  duration_seconds real NOT NULL, -- elapsed
  run_record_id text NOT NULL,
  achieved_at timestamp NOT NULL,
  updated_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')),
  created_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')),
  PRIMARY KEY (user_id, distance_meters)
);

-- Boards by when a best was achieved, and by how often a runner ran. Without
-- them a first page would sort a board of a million.
CREATE INDEX rankings_recent ON rankings (course_id, achieved_at DESC, user_id);
CREATE INDEX rankings_runs ON rankings (course_id, run_count DESC, best_duration_seconds, achieved_at, user_id);
CREATE INDEX period_rankings_recent ON period_rankings (course_id, period, starts_on, achieved_at DESC, user_id);
CREATE INDEX period_rankings_runs ON period_rankings (course_id, period, starts_on, run_count DESC, best_duration_seconds, achieved_at, user_id);

-- All runs of a runner on a course, and now in the order of a history too.
DROP INDEX run_records_course_runner;
CREATE INDEX run_records_course_history ON run_records (course_id, user_id, finished_at DESC, id DESC);

-- What exists already is counted.
INSERT INTO user_periods (user_id, period, starts_on, runs, distance_meters, duration_seconds)
  SELECT user_id, 'all', '', count(*), sum(distance_meters), sum(duration_seconds)
  FROM run_records WHERE processing = 'done' GROUP BY user_id;
INSERT INTO user_periods (user_id, period, starts_on, runs, distance_meters, duration_seconds)
  SELECT user_id, 'month', date(local_date, 'start of month'), count(*), sum(distance_meters), sum(duration_seconds)
  FROM run_records WHERE processing = 'done' AND local_date IS NOT NULL GROUP BY 1, 2, 3
  UNION ALL SELECT user_id, 'week', date(local_date, 'weekday 0', '-6 days'), count(*), sum(distance_meters), sum(duration_seconds)
  FROM run_records WHERE processing = 'done' AND local_date IS NOT NULL GROUP BY 1, 2, 3;
INSERT INTO user_bests (user_id, distance_meters, duration_seconds, run_record_id, achieved_at)
  SELECT user_id, meters, seconds, id, finished_at FROM (
    SELECT *, row_number() OVER (PARTITION BY user_id, meters ORDER BY seconds, finished_at, id) AS place FROM (
      SELECT r.user_id, r.id, r.finished_at, e.value ->> 'distance_meters' AS meters, e.value ->> 'duration_seconds' AS seconds
      FROM run_records AS r, json_each(r.best_efforts) AS e WHERE r.processing = 'done' AND e.type = 'object'))
  WHERE place = 1;
