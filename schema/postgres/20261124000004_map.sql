-- Finding courses among a million of them: on a map, by what is run most, and by
-- any part of a title. What is searched is public; the indexes hold nothing else.
CREATE EXTENSION IF NOT EXISTS cube;

-- The title as the application folds case, whatever the database's locale, and
-- the start on the Web Mercator map, in 2^-30 of its width from the north-west.
ALTER TABLE courses ADD COLUMN title_folded text;
ALTER TABLE courses ADD COLUMN map_x integer;
ALTER TABLE courses ADD COLUMN map_y integer;
UPDATE courses SET title_folded = lower(title),
  map_x = floor((start_lng / 360 + 0.5) * 1073741824)::bigint % 1073741824,
  map_y = least(greatest(floor((0.5 - ln(tan(pi() / 4 + radians(least(greatest(start_lat, -89), 89)) / 2)) / (2 * pi())) * 1073741824), 0), 1073741823);
ALTER TABLE courses ALTER COLUMN title_folded SET NOT NULL;
ALTER TABLE courses ALTER COLUMN map_x SET NOT NULL;
ALTER TABLE courses ALTER COLUMN map_y SET NOT NULL;

-- Every one, two and three neighbouring characters of a text. Three alone, as is
-- usual, are more than most Korean words have.
CREATE FUNCTION title_grams(folded text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT array_agg(DISTINCT substr(folded, i, n)) FROM generate_series(1, length(folded)) AS i CROSS JOIN (VALUES (1), (2), (3)) AS sizes (n)
$$;

CREATE INDEX courses_title_grams ON courses USING gin (title_grams(title_folded)) WHERE is_public;
CREATE INDEX courses_newest ON courses (created_at DESC, id DESC) WHERE is_public;
CREATE INDEX courses_by_distance ON courses (distance_meters, id) WHERE is_public;
CREATE INDEX courses_private ON courses (creator_id) WHERE NOT is_public;
DROP INDEX courses_tags;
CREATE INDEX courses_tags ON courses USING gin (tags) WHERE is_public;
DROP INDEX courses_start_point;
CREATE INDEX courses_start_point ON courses USING gist (start_point) WHERE is_public;
DROP INDEX courses_route_geometry;
CREATE INDEX courses_route_geometry ON courses USING gist (route_geometry) WHERE is_public;
DROP INDEX courses_start;
DROP INDEX courses_route_box; -- its work is done by course_map_route

-- What is run most, of any view. Of a large one, course_map_prominence is walked
-- down from the top. Of others the cubes, which have the prominence as their
-- third dimension, give the first without looking at the rest. Apart from
-- courses, for it changes with every run.
CREATE TABLE course_map (
  course_id uuid NOT NULL PRIMARY KEY REFERENCES courses (id) ON DELETE CASCADE,
  is_public boolean NOT NULL,
  prominence double precision NOT NULL, -- total_runs, and a fraction of the id that tells equals apart
  start_lat double precision NOT NULL,
  start_lng double precision NOT NULL,
  route_south double precision NOT NULL,
  route_west double precision NOT NULL,
  route_north double precision NOT NULL,
  route_east double precision NOT NULL,
  start cube NOT NULL, -- lng, lat, prominence
  route cube NOT NULL, -- the box of the line; all longitudes when it crosses ±180°
  created_at timestamptz NOT NULL DEFAULT now()
);

-- A small copy of each line: of thousands of courses around a place it says which
-- few must be read whole to find the nearest. Older courses have none.
CREATE TABLE course_outlines (
  course_id uuid NOT NULL PRIMARY KEY REFERENCES courses (id) ON DELETE CASCADE,
  outline bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- How many public courses start in each cell of the map, at some zoom levels,
-- and where in the mean: what a map of a million courses shows from afar.
CREATE TABLE course_cells (
  level smallint NOT NULL, -- the map is 2^level cells wide
  x integer NOT NULL,
  y integer NOT NULL,
  courses integer NOT NULL,
  sum_x bigint NOT NULL, -- of map_x
  sum_y bigint NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (level, x, y)
) WITH (fillfactor = 60);

CREATE FUNCTION map_courses() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE FUNCTION map_runs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE course_map SET prominence = p, start = cube(ARRAY[start -> 1, start -> 2, p]),
      route = cube(ARRAY[cube_ll_coord(route, 1), cube_ll_coord(route, 2), p], ARRAY[cube_ur_coord(route, 1), cube_ur_coord(route, 2), p])
    FROM (SELECT new.total_runs + ('x' || right(new.course_id::text, 8))::bit(32)::bigint / 4294967296.0::float8 AS p) AS now
    WHERE course_id = new.course_id;
  RETURN NULL;
END $$;

-- What exists already is mapped.
INSERT INTO course_map (course_id, is_public, prominence, start_lat, start_lng, route_south, route_west, route_north, route_east, start, route)
  SELECT id, is_public, prominence, start_lat, start_lng, route_south, route_west, route_north, route_east, cube(ARRAY[start_lng, start_lat, prominence]),
    cube(ARRAY[CASE WHEN route_west > route_east THEN -180 ELSE route_west END, route_south, prominence],
      ARRAY[CASE WHEN route_west > route_east THEN 180 ELSE route_east END, route_north, prominence])
  FROM (SELECT c.*, coalesce(s.total_runs, 0) + ('x' || right(c.id::text, 8))::bit(32)::bigint / 4294967296.0::float8 AS prominence
    FROM courses AS c LEFT JOIN course_stats AS s ON s.course_id = c.id) AS present;
INSERT INTO course_cells (level, x, y, courses, sum_x, sum_y)
  SELECT level, map_x >> (30 - level), map_y >> (30 - level), count(*), sum(map_x), sum(map_y)
  FROM courses CROSS JOIN (VALUES (0), (4), (6), (8), (10), (12), (14), (16)) AS levels (level) WHERE is_public GROUP BY 1, 2, 3;

CREATE TRIGGER courses_inserted AFTER INSERT ON courses REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION map_courses();
CREATE TRIGGER courses_updated AFTER UPDATE ON courses REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION map_courses();
CREATE TRIGGER courses_deleted AFTER DELETE ON courses REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION map_courses();
CREATE TRIGGER course_stats_inserted AFTER INSERT ON course_stats FOR EACH ROW WHEN (new.total_runs <> 0) EXECUTE FUNCTION map_runs();
CREATE TRIGGER course_stats_updated AFTER UPDATE OF total_runs ON course_stats FOR EACH ROW WHEN (new.total_runs <> old.total_runs) EXECUTE FUNCTION map_runs();

CREATE INDEX course_map_start ON course_map USING gist (start) WHERE is_public;
CREATE INDEX course_map_route ON course_map USING gist (route) WHERE is_public;
CREATE INDEX course_map_prominence ON course_map (prominence DESC, course_id DESC)
  INCLUDE (start_lat, start_lng, route_south, route_west, route_north, route_east) WHERE is_public;
