-- Statistics of runners as rows that are kept, and boards in other orders.

-- What a runner's processed runs add up to, ever and by the week and month of
-- their place; a period without runs has no row. A run is added when it is
-- processed and taken away when it is deleted, under the runner's lock.
CREATE TABLE user_periods (
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  period varchar(5) NOT NULL CHECK (period IN ('all', 'month', 'week')),
  starts_on varchar(10) NOT NULL, -- the first day: 2026-11-23; '' for all
  runs integer NOT NULL,
  distance_meters bigint NOT NULL,
  duration_seconds bigint NOT NULL, -- moving
  updated_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, period, starts_on)
);

-- A runner's fastest stretch of each length inside any run. The run is no
-- foreign key: checking it would lock another run of the runner than the one
-- that is being deleted, after the runner, and runs are locked before runners.
CREATE TABLE user_bests (
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  distance_meters double precision NOT NULL, -- of the stretch
  duration_seconds double precision NOT NULL, -- elapsed
  run_record_id uuid NOT NULL,
  achieved_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
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
  SELECT r.user_id, p.period, to_char(date_trunc(p.period, r.local_date::date), 'YYYY-MM-DD'), count(*), sum(r.distance_meters), sum(r.duration_seconds)
  FROM run_records AS r CROSS JOIN (VALUES ('month'), ('week')) AS p (period)
  WHERE r.processing = 'done' AND r.local_date IS NOT NULL GROUP BY 1, 2, 3;
INSERT INTO user_bests (user_id, distance_meters, duration_seconds, run_record_id, achieved_at)
  SELECT DISTINCT ON (r.user_id, e.distance_meters) r.user_id, e.distance_meters, e.duration_seconds, r.id, r.finished_at
  FROM run_records AS r CROSS JOIN LATERAL
    jsonb_to_recordset(CASE jsonb_typeof(r.best_efforts) WHEN 'array' THEN r.best_efforts ELSE '[]' END)
    AS e (distance_meters double precision, duration_seconds double precision)
  WHERE r.processing = 'done'
  ORDER BY r.user_id, e.distance_meters, e.duration_seconds, r.finished_at, r.id;
