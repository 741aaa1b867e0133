-- What signs in once, what is ended whatever a clock says, and what stays of a
-- course when its maker leaves.

-- Tokens of identity providers that are good for one sign-in, until nobody would
-- take them any more. Nothing in it tells whose they were.
CREATE TABLE used_tokens (
  token_hash bytea NOT NULL PRIMARY KEY, -- SHA-256
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX used_tokens_expires_at ON used_tokens (expires_at);

-- The newest iat of an access token of the user: ending all ends that one too,
-- when the clock of the process that ends them is behind.
ALTER TABLE users ADD COLUMN tokens_issued_until timestamptz;

-- A private course that is nobody's could be seen by nobody. Those that earlier
-- versions left behind go; runs on them become free runs.
UPDATE run_records SET course_id = NULL, course_completed = NULL, route_match_percent = NULL, max_deviation_meters = NULL,
  course_duration_seconds = NULL, rule_version = NULL, verdict = NULL
  WHERE course_id IN (SELECT id FROM courses WHERE NOT is_public AND creator_id IS NULL);
DELETE FROM courses WHERE NOT is_public AND creator_id IS NULL;
ALTER TABLE courses ADD CONSTRAINT courses_private_owned CHECK (is_public OR creator_id IS NOT NULL);

-- The line of a course may change: the map follows.
CREATE OR REPLACE FUNCTION map_courses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO course_map (course_id, is_public, prominence, start_lat, start_lng, route_south, route_west, route_north, route_east, start, route)
      SELECT id, is_public, prominence, start_lat, start_lng, route_south, route_west, route_north, route_east, cube(ARRAY[start_lng, start_lat, prominence]),
        cube(ARRAY[CASE WHEN route_west > route_east THEN -180 ELSE route_west END, route_south, prominence],
          ARRAY[CASE WHEN route_west > route_east THEN 180 ELSE route_east END, route_north, prominence])
      FROM (SELECT *, ('x' || right(id::text, 8))::bit(32)::bigint / 4294967296.0::float8 AS prominence FROM new_rows) AS added;
    INSERT INTO course_cells (level, x, y, courses, sum_x, sum_y)
      SELECT level, map_x >> (30 - level), map_y >> (30 - level), count(*), sum(map_x), sum(map_y)
      FROM new_rows CROSS JOIN (VALUES (0), (4), (6), (8), (10), (12), (14), (16)) AS levels (level)
      WHERE is_public GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
      ON CONFLICT (level, x, y) DO UPDATE SET courses = course_cells.courses + excluded.courses,
        sum_x = course_cells.sum_x + excluded.sum_x, sum_y = course_cells.sum_y + excluded.sum_y;
  ELSIF TG_OP = 'UPDATE' THEN
    UPDATE course_map SET is_public = n.is_public FROM new_rows AS n JOIN old_rows AS o USING (id)
      WHERE course_map.course_id = n.id AND n.is_public <> o.is_public;
    UPDATE course_map AS m SET start_lat = n.start_lat, start_lng = n.start_lng,
        route_south = n.route_south, route_west = n.route_west, route_north = n.route_north, route_east = n.route_east,
        start = cube(ARRAY[n.start_lng, n.start_lat, m.prominence]),
        route = cube(ARRAY[CASE WHEN n.route_west > n.route_east THEN -180 ELSE n.route_west END, n.route_south, m.prominence],
          ARRAY[CASE WHEN n.route_west > n.route_east THEN 180 ELSE n.route_east END, n.route_north, m.prominence])
      FROM new_rows AS n JOIN old_rows AS o USING (id)
      WHERE m.course_id = n.id AND (n.start_lat, n.start_lng, n.route_south, n.route_west, n.route_north, n.route_east)
        <> (o.start_lat, o.start_lng, o.route_south, o.route_west, o.route_north, o.route_east);
    INSERT INTO course_cells (level, x, y, courses, sum_x, sum_y)
      SELECT level, map_x >> (30 - level), map_y >> (30 - level), sum(n), sum(n * map_x), sum(n * map_y)
      FROM (SELECT map_x::bigint, map_y::bigint, 1 AS n FROM new_rows WHERE is_public
        UNION ALL SELECT map_x, map_y, -1 FROM old_rows WHERE is_public) AS changes
      CROSS JOIN (VALUES (0), (4), (6), (8), (10), (12), (14), (16)) AS levels (level)
      GROUP BY 1, 2, 3 HAVING sum(n) <> 0 OR sum(n * map_x) <> 0 OR sum(n * map_y) <> 0 ORDER BY 1, 2, 3
      ON CONFLICT (level, x, y) DO UPDATE SET courses = course_cells.courses + excluded.courses,
        sum_x = course_cells.sum_x + excluded.sum_x, sum_y = course_cells.sum_y + excluded.sum_y;
  ELSE
    UPDATE course_cells AS c SET courses = c.courses - gone.n, sum_x = c.sum_x - gone.sum_x, sum_y = c.sum_y - gone.sum_y
      FROM (SELECT level, map_x >> (30 - level) AS x, map_y >> (30 - level) AS y, count(*) AS n, sum(map_x) AS sum_x, sum(map_y) AS sum_y
        FROM old_rows CROSS JOIN (VALUES (0), (4), (6), (8), (10), (12), (14), (16)) AS levels (level)
        WHERE is_public GROUP BY 1, 2, 3) AS gone
      WHERE c.level = gone.level AND c.x = gone.x AND c.y = gone.y;
  END IF;
  RETURN NULL;
END $$;
